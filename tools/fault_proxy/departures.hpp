#pragma once

#include "faults.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fault_proxy {

/// When what has come in one direction of one flow goes on. A function of what it is told: it reads no clock.
class departures {
public:
    using time = std::chrono::steady_clock::time_point;

    explicit departures(const faults& suffered) : faults_(suffered) {}

    /// Of the next packet; never before that of the one before.
    time next(time arrival, std::size_t bytes, double jitter_share);

    /// Bytes until the flow is stalled or cut, whichever is the nearer; `never` where it is neither.
    std::uint64_t bytes_to_boundary() const;
    bool is_cut() const { return passed_ >= faults_.cut_after; }

private:
    faults faults_;
    std::uint64_t passed_ = 0;
    bool stalled_ = false;
    time free_{};  ///< when the last packet has left a line of this rate
    time last_{};
};

}  // namespace fault_proxy
