#pragma once

#include <streamhost/export.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace streamhost {

/// Reads "250us", "500ms", "1.5s", "2 s", "1min", "1h"; nothing for anything else, or beyond what nanoseconds in 64
/// bits can hold.
STREAMHOST_API std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// The same from a number of milliseconds.
STREAMHOST_API std::optional<std::chrono::nanoseconds> duration_from_ms(double ms);

/// In the largest unit that gives a whole number: "1h", "90s", "500ms".
STREAMHOST_API std::string to_text(std::chrono::nanoseconds duration);

}  // namespace streamhost
