#pragma once

#include "topology/located_value.hpp"

#include <streamhost/export.hpp>

#include <optional>
#include <string_view>

namespace streamhost {

/// The largest topology, in bytes.
inline constexpr std::size_t max_topology_bytes = 1024 * 1024;
/// The largest number of values in one, counted after its variables were put in.
inline constexpr std::size_t max_topology_values = 65'536;
inline constexpr std::size_t max_topology_depth = 32;

/// Reads JSON (RFC 8259) with comments and trailing commas, keeping where each value and each key stands. A key that
/// comes twice is a problem, and so are bytes that are no UTF-8. A text that is no JSON at all gives nothing besides
/// its one problem. `fixed`: the place of everything in it, for a text that comes from elsewhere than the file.
STREAMHOST_API std::optional<located_value> read_json(std::string_view text, problem_list& problems,
                                                      std::optional<place> fixed = std::nullopt);

/// The length of the longest start of `text` that is UTF-8 (Unicode 15, table 3-7: no surrogates, nothing overlong).
std::size_t utf8_prefix(std::string_view text) noexcept;

}  // namespace streamhost
