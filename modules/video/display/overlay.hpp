#pragma once

#include "lettering.hpp"

#include <streamhost/media.hpp>

#include <memory>
#include <string_view>

namespace streamhost::video {

/// A line of text on a dark ground in the upper left corner of pictures. One thread at a time.
class overlay {
public:
    /// A `bgr8` copy of the frame with the line on it; the frame itself where it is too small for any text.
    video_frame drawn(const video_frame& frame, std::string_view line);

private:
    std::unique_ptr<lettering> letters_;  // for the height of the last picture
};

}  // namespace streamhost::video
