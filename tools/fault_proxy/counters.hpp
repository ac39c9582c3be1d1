#pragma once

#include <cstdint>
#include <string>

namespace fault_proxy {

/// Of all flows in one direction. Of datagrams: `packets_in` = `packets_out` - `duplicated` + `lost` + `overflowed` + `cut`
/// + those that are on their way. Over TCP a packet is what one read gave: its number says nothing, the bytes do.
struct way_counters {
    std::uint64_t packets_in = 0;
    std::uint64_t packets_out = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t lost = 0;        ///< by chance
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
    std::uint64_t overflowed = 0;  ///< no room in the queue, or in the socket
    std::uint64_t cut = 0;         ///< came after `cut_after`; over TCP: connections that were reset there
};

struct counters {
    std::uint64_t flows = 0;
    std::uint64_t refused = 0;  ///< the target took no connection, or there were too many flows
    way_counters up;            ///< from who called to the target
    way_counters down;
};

/// One line of JSON.
std::string to_json(const counters& now);

}  // namespace fault_proxy
