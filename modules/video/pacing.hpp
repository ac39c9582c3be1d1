#pragma once

#include <streamhost/awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace streamhost::video {

/// For the setting `spread` of the modules that send.
inline constexpr int usual_spread = 25;  ///< %
inline constexpr auto spread_help =
    "part of the time between two pictures over which the packets of one are spread; 0: all at once";

/// When the parts of a picture leave: not all at once, which a small buffer on the way would not take, but spread over a
/// part of the time between two pictures. Knows no clock. Confined to one thread.
class pacing {
public:
    /// Datagrams that leave together.
    static constexpr std::size_t burst = 16;

    /// Where pictures are seldom they need not be late as well,
    static constexpr duration usual_period = std::chrono::milliseconds(40);
    /// unless they are so large that bursts would follow each other faster than this (150 Mbit/s).
    static constexpr duration usual_pause = std::chrono::milliseconds(1);

    explicit pacing(int percent) : percent_(percent) {}

    /// A picture is about to leave.
    void note(steady_time now) {
        if (begun_) period_ = now - last_;
        begun_ = true;
        last_ = now;
    }

    /// From the beginning of one part to that of the next, in a picture of so many datagrams.
    duration pause(std::size_t datagrams) const {
        const auto bursts = static_cast<duration::rep>(std::max<std::size_t>(1, (datagrams + burst - 1) / burst));
        const auto spread_over = [&](duration period) { return period * percent_ / 100 / bursts; };
        const auto usual = spread_over(std::min(period_, usual_period));
        return std::min(std::max(usual, usual_pause), spread_over(period_));
    }

private:
    int percent_;
    duration period_ = usual_period;
    steady_time last_;
    bool begun_ = false;
};

}  // namespace streamhost::video
