#pragma once

#include <streamhost/media.hpp>

#include <optional>
#include <string>
#include <string_view>

/// What a console makes of the lines that are typed at it, and of those that it shows.
namespace streamhost::chat {

/// "/to ADDRESS LINE" is LINE for ADDRESS alone, and every other line is for everybody. Nothing where a line begins with
/// "/to" and then lacks the address or the line.
std::optional<text> read_typed(std::string_view typed);

/// How to write what `read_typed` did not take.
inline constexpr std::string_view to_usage = "to one alone: /to ADDRESS LINE";

/// A line as it is shown, with its sender where that is known. What could act on a terminal is escaped.
std::string shown(const text& line);

}  // namespace streamhost::chat
