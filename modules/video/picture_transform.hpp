#pragma once

#include <streamhost/media.hpp>

#include <cstdint>

/// Pure functions over raw pictures of any format. Any thread; large pictures belong on a worker pool.
namespace streamhost::video {

enum class flip : std::uint8_t {
    none,
    horizontal,  ///< left and right change places, as in a mirror
    vertical,    ///< top and bottom change places
    both,
};

/// Clockwise, in degrees.
enum class rotation : std::uint16_t { none = 0, by_90 = 90, by_180 = 180, by_270 = 270 };

/// The picture flipped, then rotated, in one pass. The frame itself, not a copy, where nothing is to be done.
/// Requires a frame whose pixels match its sides.
video_frame transform(const video_frame& frame, flip flipped, rotation rotated);

/// Every square of four pixels becomes one, their mean; an odd last row or column is left out.
/// Requires sides of 2 or more.
video_frame half_size(const video_frame& frame);

}  // namespace streamhost::video
