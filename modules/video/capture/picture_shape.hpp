#pragma once

#include "picture_transform.hpp"

#include <streamhost/media.hpp>

namespace streamhost::video {

/// How pictures are changed on their way out: flipped, rotated, then scaled.
struct picture_shape {
    flip flipped = flip::none;
    rotation rotated = rotation::none;
    int width = 0;  ///< pixels, of the picture that results; 0: as it comes

    bool sideways() const noexcept { return rotated == rotation::by_90 || rotated == rotation::by_270; }
};

/// The frame itself where nothing is to be done. Blocks for the time of the work. Any thread.
video_frame shaped(const video_frame& frame, const picture_shape& shape);

/// The height that keeps the aspect, at least 1: rounded down, as the original tutorials' programs have it.
int height_for_width(int width, int height, int new_width) noexcept;

}  // namespace streamhost::video
