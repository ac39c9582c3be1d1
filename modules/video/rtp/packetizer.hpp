#pragma once

#include "rtp/carriage.hpp"
#include "rtp/stamps.hpp"

#include <cstdint>
#include <vector>

namespace streamhost::video::rtp {

/// A picture's packets behind each other: each of `largest_packet` bytes but the last, which may be shorter. The first one
/// has our stamps; the tables are in band. The sequence numbers are 0: `number_packets` sets them for each receiver.
std::vector<std::byte> packetize(const carried_picture& picture, const message_header& header, std::uint32_t timestamp,
                                 std::uint32_t ssrc);

/// Sets the sequence numbers of packets that lie behind each other.
void number_packets(std::span<std::byte> packets, std::uint16_t first) noexcept;

/// RTP's times of pictures: their capture times at 90 kHz from a random beginning, but always rising, and going on without
/// a leap where the source's clock leaps.
class timestamp_clock {
public:
    explicit timestamp_clock(std::uint32_t first) noexcept : base_(first) {}

    std::uint32_t of(std::int64_t steady_ns) noexcept;

private:
    std::uint32_t base_;         ///< the time of `base_ns_`
    std::int64_t base_ns_ = 0;
    std::uint32_t last_ = 0;     ///< of the picture before
    std::int64_t last_ns_ = 0;
    bool begun_ = false;
};

}  // namespace streamhost::video::rtp
