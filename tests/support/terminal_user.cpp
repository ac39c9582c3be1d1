#include "support/terminal_user.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace streamhost::test {

void terminal_user::type(std::string_view keys) {
    while (!keys.empty()) {
        const auto count = ::write(terminal.user(), keys.data(), keys.size());
        if (count <= 0) throw std::runtime_error("nothing can be typed");
        keys.remove_prefix(static_cast<std::size_t>(count));
    }
}

bool terminal_user::wait_screen(const std::function<bool()>& as_it_should_be, std::chrono::milliseconds limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!as_it_should_be()) {
        pollfd ready{terminal.user(), POLLIN, 0};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) return false;
        char buffer[4096];
        const auto count = ::read(terminal.user(), buffer, sizeof buffer);
        if (count <= 0) return false;
        screen.write({buffer, static_cast<std::size_t>(count)});
    }
    return true;
}

bool terminal_user::has_line(std::string_view part) const {
    return std::ranges::any_of(screen.lines(), [&](const auto& line) { return line.find(part) != line.npos; });
}

}  // namespace streamhost::test
