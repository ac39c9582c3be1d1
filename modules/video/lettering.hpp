#pragma once

#include "drawing.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace streamhost::video {

/// The characters of a small typeface, drawn once at one size and then stamped into pictures: digits of equal width,
/// capital letters (small ones are shown as capitals) and `: . , - + / ( ) ' ! ? % = _`. Anything else is a box.
/// Smooth at any size; readable from about 7 pixels on. Immutable once built: any thread.
class lettering {
public:
    /// `height`: of the capitals, in pixels.
    explicit lettering(float height);

    float height() const noexcept { return height_; }
    /// Of a line of text, in pixels.
    float width(std::string_view line) const noexcept;
    /// The width that a line has for each pixel of height, without drawing any character.
    static float width_per_height(std::string_view line) noexcept;

    /// `upper_left`: of the capitals' ink. What lies outside of the picture is cut off.
    void draw(frame_buffer& picture, point upper_left, std::string_view line, colour paint) const;

private:
    struct stamp {
        int width = 0;
        int height = 0;
        std::vector<std::uint8_t> coverage;  // rows, 0 to 255
    };

    void add_segment(stamp& target, point from, point to) const;
    static void draw_stamp(frame_buffer& picture, int left, int top, const stamp& drawn, colour paint);

    float height_;
    float unit_;  // the grid's step, in pixels
    std::vector<stamp> stamps_;
};

}  // namespace streamhost::video
