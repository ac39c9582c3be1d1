#include "topology/duration_text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace streamhost {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 6> units{{
    {"h", 3'600'000'000'000},
    {"min", 60'000'000'000},
    {"s", 1'000'000'000},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"ns", 1},
}};

std::optional<std::chrono::nanoseconds> rounded(double ns) {
    constexpr double limit = 9.2e18;  // just inside of 64 bits
    if (!std::isfinite(ns) || std::abs(ns) > limit) return std::nullopt;
    return std::chrono::nanoseconds(std::llround(ns));
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
    double number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (parsed.ec != std::errc()) return std::nullopt;
    auto unit = text.substr(static_cast<std::size_t>(parsed.ptr - text.data()));
    if (unit.starts_with(' ')) unit.remove_prefix(1);
    for (const auto& [name, ns] : units) {
        if (unit == name) return rounded(number * static_cast<double>(ns));
    }
    return std::nullopt;
}

std::optional<std::chrono::nanoseconds> duration_from_ms(double ms) { return rounded(ms * 1e6); }

std::string to_text(std::chrono::nanoseconds duration) {
    const auto count = duration.count();
    if (count == 0) return "0ms";
    for (const auto& [name, ns] : units) {
        if (count % ns == 0) return fmt::format("{}{}", count / ns, name);
    }
    return fmt::format("{}ns", count);
}

}  // namespace streamhost
