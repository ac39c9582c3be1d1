#pragma once

#include <streamhost/awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace streamhost {

/// How fast something is taken from somebody: `burst` units at once, then `per_second`. Whoever brings more is made to wait,
/// in his own socket or pipe. A plain object; one thread at a time.
/// (A leaky bucket as a meter, in the virtual scheduling form of ITU-T I.371.)
class pace {
public:
    pace(double per_second, double burst) noexcept : unit_ns_(1e9 / per_second), burst_(span(burst)) {}

    /// How long the next units must wait after those that were taken just now.
    duration take(steady_time now, double units = 1) noexcept {
        free_ = std::max(free_, now) + span(units);
        return std::max(duration::zero(), free_ - now - burst_);
    }

private:
    duration span(double units) const noexcept { return duration(static_cast<std::int64_t>(units * unit_ns_)); }

    double unit_ns_;
    duration burst_;
    steady_time free_{};
};

}  // namespace streamhost
