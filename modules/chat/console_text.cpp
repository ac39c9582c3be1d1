#include "console_text.hpp"

#include <streamhost/wire/utf8.hpp>

#include <fmt/format.h>

namespace streamhost::chat {

std::optional<text> read_typed(std::string_view typed) {
    constexpr std::string_view command = "/to";
    if (typed != command && !typed.starts_with("/to ")) return text{std::string(typed)};
    auto rest = typed.substr(command.size());
    const auto address = rest.find_first_not_of(' ');
    if (address == rest.npos) return std::nullopt;
    rest.remove_prefix(address);
    const auto end = rest.find(' ');
    if (end == rest.npos || end + 1 == rest.size()) return std::nullopt;
    return text{.line = std::string(rest.substr(end + 1)), .recipient = std::string(rest.substr(0, end))};
}

std::string shown(const text& line) {
    const auto words = utf8::escape_controls(line.line);
    return line.sender.empty() ? words : fmt::format("{}: {}", utf8::escape_controls(line.sender), words);
}

}  // namespace streamhost::chat
