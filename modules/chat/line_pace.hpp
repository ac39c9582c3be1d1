#pragma once

#include <streamhost/pace.hpp>

#include <cstddef>

namespace streamhost::chat {

/// How fast one peer's lines are taken: `burst` at once, then `per_second`; a long one counts as several. Whoever sends
/// faster waits in his own socket.
class line_pace {
public:
    static constexpr int per_second = 500;
    static constexpr int burst = 1000;
    static constexpr std::size_t usual_size = 256;  ///< bytes that count as one line

    /// How long the line that was taken just now must wait.
    duration take(steady_time now, std::size_t size) {
        return pace_.take(now, static_cast<double>(1 + size / usual_size));
    }

private:
    pace pace_{per_second, burst};
};

}  // namespace streamhost::chat
