#pragma once

#include <streamhost/export.hpp>

#include <span>
#include <string>
#include <string_view>

namespace streamhost {

/// How many single edits (insert, delete, replace, swap two neighbours) make one word the other.
STREAMHOST_API std::size_t edit_distance(std::string_view a, std::string_view b);

/// "; did you mean `camera`?" for the nearest candidate that could be a slip of `word`, otherwise empty.
STREAMHOST_API std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace streamhost
