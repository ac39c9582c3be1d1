#pragma once

#include <streamhost/awaitable.hpp>

#include <algorithm>
#include <chrono>

namespace streamhost::chat {

/// How fast one peer's lines are taken: `burst` at once, then `per_second`. Whoever sends faster waits in his own socket.
/// (A leaky bucket as a meter, in the virtual scheduling form of ITU-T I.371.)
class line_pace {
public:
    static constexpr int per_second = 500;
    static constexpr int burst = 1000;

    /// How long the line that was taken just now must wait.
    duration take(steady_time now) {
        free_ = std::max(free_, now) + interval;
        return std::max(duration::zero(), free_ - now - burst * interval);
    }

private:
    static constexpr duration interval = std::chrono::nanoseconds(1'000'000'000 / per_second);
    steady_time free_{};
};

}  // namespace streamhost::chat
