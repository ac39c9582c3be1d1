#pragma once

#include <streamhost/wire/framed.hpp>

/// What the settings of the family's modules have in common.
namespace streamhost::audio {

inline constexpr int lowest_rate = 1000;  ///< frames per second
inline constexpr int highest_rate = framed::max_rate;
inline constexpr int most_channels = framed::max_channels;
inline constexpr int shortest_chunk = 16;  ///< frames
inline constexpr int longest_chunk = 65536;

inline constexpr const char* schedule_restarts_help =
    "times that sound was late by over a second, so that its schedule began anew";

}  // namespace streamhost::audio
