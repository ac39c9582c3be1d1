#pragma once

#include "drawing.hpp"
#include "frame_buffer.hpp"
#include "lettering.hpp"

#include <streamhost/media.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace streamhost::video {

/// A moving picture that needs no camera: colour bars, a dial whose hand turns once a second, a dot that runs to and
/// fro by the same distance each frame (a missing frame shows as a jump), the time, the frame's number in digits and
/// as a bar code (`bar_code.hpp`). What does not move is drawn once. The same size, number and time give the same
/// bytes. `draw` may be called by any thread, also by several at once.
class test_pattern {
public:
    /// Pixels, each from 64 to 4096.
    test_pattern(int width, int height);

    /// A new `bgr8` picture. `number`: its lower 16 bits are the bar code, its last seven digits are shown.
    /// `time_of_day`: since midnight, of whatever clock the viewer should read.
    video_frame draw(std::uint64_t number, std::chrono::milliseconds time_of_day) const;

private:
    // Where everything is, for one size of picture.
    struct layout {
        layout(int width, int height);

        int width;
        int height;
        rectangle bars;
        rectangle track;  // of the dot
        rectangle ramp;   // from black to white
        rectangle panel;  // of time and number
        bool has_dial;
        point dial_centre;
        float dial_radius;
        float digits_height;
        point time_corner;
        point number_corner;
    };

    void draw_bars(frame_buffer& picture) const;
    void draw_ramp(frame_buffer& picture) const;
    void draw_dial(frame_buffer& picture) const;
    void draw_hand(frame_buffer& picture, std::chrono::milliseconds time_of_day) const;
    void draw_dot(frame_buffer& picture, std::uint64_t number) const;

    layout layout_;
    lettering digits_;
    video_frame background_;
};

/// Since local midnight; `wall_ns` since 1970.
std::chrono::milliseconds local_time_of_day(std::int64_t wall_ns);

/// A grey `bgr8` picture that says in words why there is no other: the first line of `caption` large, further ones
/// below it small. Sides from 64 to 4096 pixels; the text is made to fit. Any thread.
video_frame no_signal_frame(int width, int height, std::string_view caption = "NO SIGNAL");

}  // namespace streamhost::video
