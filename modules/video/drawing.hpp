#pragma once

#include "frame_buffer.hpp"

#include <cstdint>

/// Flat and smooth shapes on a `bgr8` picture; whatever lies outside of it is cut off. One thread at a time a picture.
namespace streamhost::video {

struct colour {
    std::uint8_t blue = 0;
    std::uint8_t green = 0;
    std::uint8_t red = 0;
};

constexpr colour gray_level(int level) noexcept {
    const auto value = static_cast<std::uint8_t>(level);
    return {value, value, value};
}

/// In pixels, from the upper left corner of the picture; pixel centres are at halves.
struct point {
    float x = 0;
    float y = 0;
};

/// In pixels; right and bottom are the first column and row outside.
struct rectangle {
    int left = 0;
    int top = 0;
    int right = 0;
    int bottom = 0;

    int width() const noexcept { return right - left; }
    int height() const noexcept { return bottom - top; }
};

void fill(frame_buffer& picture, const rectangle& area, colour paint);

/// Mixes `paint` into a pixel; `coverage` 0 leaves it, 255 replaces it. Requires a pixel inside the picture.
void blend(frame_buffer& picture, int x, int y, int coverage, colour paint);

/// A line with round ends; a dot where both ends are the same point.
void stroke(frame_buffer& picture, point from, point to, float thickness, colour paint);

void disc(frame_buffer& picture, point centre, float radius, colour paint);

void ring(frame_buffer& picture, point centre, float radius, float thickness, colour paint);

/// The pixels that a line with round ends touches.
rectangle stroke_area(point from, point to, float thickness) noexcept;

/// How much of the pixel around `at` a line with round ends covers, from 0 to 1.
float stroke_coverage(point at, point from, point to, float thickness) noexcept;

}  // namespace streamhost::video
