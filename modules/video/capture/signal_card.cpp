#include "signal_card.hpp"

#include "jpeg_encoder.hpp"
#include "jpeg_header.hpp"
#include "test_pattern.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace streamhost::video {
namespace {

constexpr int smallest_side = 64;  // of what no_signal_frame() draws

}  // namespace

void signal_card::set_size(int width, int height) {
    width = std::clamp(width, smallest_side, max_picture_side);
    const auto highest = std::min<std::int64_t>(max_picture_side, max_picture_pixels / width);
    height = std::clamp(height, smallest_side, static_cast<int>(highest));
    if (width == width_ && height == height_) return;
    width_ = width;
    height_ = height;
    frame_ = {};
    image_ = {};
}

void signal_card::set_text(std::string text) {
    if (text == text_) return;
    text_ = std::move(text);
    frame_ = {};
    image_ = {};
}

const video_frame& signal_card::frame() {
    if (frame_.pixels.empty()) frame_ = no_signal_frame(width_, height_, text_);
    return frame_;
}

const encoded_image& signal_card::image() {
    if (image_.data.empty()) {
        jpeg_encoder encoder;
        // Only sides beyond the limits fail here, and set_size() keeps to them.
        image_ = encoder.encode(frame(), {}).value();
    }
    return image_;
}

}  // namespace streamhost::video
