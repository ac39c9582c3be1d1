#pragma once

#include "support/pseudo_terminal.hpp"
#include "support/screen.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost::test {

/// Somebody who sits at a pseudo-terminal: types, and sees what is on the screen.
class terminal_user {
public:
    explicit terminal_user(unsigned short columns = 80, unsigned short rows = 24)
        : terminal(columns, rows), screen(columns, rows) {}

    void type(std::string_view keys);

    /// Looks until the screen is as it should be; false when nothing has come for too long, or the terminal has gone.
    bool wait_screen(const std::function<bool()>& as_it_should_be,
                     std::chrono::milliseconds limit = std::chrono::seconds(30));
    bool wait_last_line(std::string_view line) {
        return wait_screen([&] { return screen.last_line() == line; });
    }
    bool wait_line(std::string_view part) {
        return wait_screen([&] { return has_line(part); });
    }
    /// A line that holds that.
    bool has_line(std::string_view part) const;

    pseudo_terminal terminal;
    test::screen screen;
    const termios found = terminal.mode();
};

}  // namespace streamhost::test
