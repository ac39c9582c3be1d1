#pragma once

#include <streamhost/media.hpp>

#include <string>

namespace streamhost::video {

/// The picture that is shown while there is none: of the size of the last one, raw and as JPEG, made once for each text.
/// Blocks for some milliseconds where it must be made. One thread at a time.
class signal_card {
public:
    /// Pixels; brought into the limits of what can be drawn.
    void set_size(int width, int height);
    void set_text(std::string text);

    const video_frame& frame();
    const encoded_image& image();

private:
    int width_ = 640;
    int height_ = 480;
    std::string text_;
    video_frame frame_;
    encoded_image image_;
};

}  // namespace streamhost::video
