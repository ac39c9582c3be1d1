#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace fault_proxy {

inline constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

/// What one direction of every flow suffers.
struct faults {
    double loss = 0;       ///< share of the datagrams, as the next two
    double duplicate = 0;
    double reorder = 0;    ///< changes places with the next one
    std::chrono::microseconds delay{0};
    std::chrono::microseconds jitter{0};  ///< up to so much more, without overtaking
    std::uint64_t rate = 0;               ///< bytes per second; 0: any
    std::uint64_t cut_after = never;      ///< bytes: then the connection is reset, the datagrams vanish
    std::uint64_t stall_after = never;    ///< bytes: then nothing passes for `stall_for`, once
    std::chrono::microseconds stall_for{0};
    std::size_t queue = 1 << 20;          ///< bytes on their way: what is more is dropped (UDP) or waits outside (TCP)
};

enum class direction : std::uint8_t { up, down };

}  // namespace fault_proxy
