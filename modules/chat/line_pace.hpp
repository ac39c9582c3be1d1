#pragma once

#include <streamhost/awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace streamhost::chat {

/// How fast one peer's lines are taken: `burst` at once, then `per_second`; a long one counts as several. Whoever sends
/// faster waits in his own socket.
/// (A leaky bucket as a meter, in the virtual scheduling form of ITU-T I.371.)
class line_pace {
public:
    static constexpr int per_second = 500;
    static constexpr int burst = 1000;
    static constexpr std::size_t usual_size = 256;  ///< bytes that count as one line

    /// How long the line that was taken just now must wait.
    duration take(steady_time now, std::size_t size) {
        free_ = std::max(free_, now) + interval * static_cast<int>(1 + size / usual_size);
        return std::max(duration::zero(), free_ - now - burst * interval);
    }

private:
    static constexpr duration interval = std::chrono::nanoseconds(1'000'000'000 / per_second);
    steady_time free_{};
};

}  // namespace streamhost::chat
