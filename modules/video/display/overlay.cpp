#include "overlay.hpp"

#include "frame_buffer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace streamhost::video {
namespace {

constexpr int smallest_picture = 64;  // pixels
constexpr float smallest_letters = 9;
constexpr colour ground = gray_level(24);
constexpr colour ink = gray_level(245);

frame_buffer copy_of(const video_frame& frame) {
    frame_buffer copy(frame.width, frame.height, pixel_format::bgr8);
    const auto from = frame.pixels.span();
    if (frame.format == pixel_format::bgr8) {
        std::memcpy(copy.data(), from.data(), from.size());
        return copy;
    }
    auto* to = copy.data();
    for (const auto gray : from) {
        std::fill_n(to, 3, gray);
        to += 3;
    }
    return copy;
}

}  // namespace

video_frame overlay::drawn(const video_frame& frame, std::string_view line) {
    if (frame.width < smallest_picture || frame.height < smallest_picture) return frame;
    const auto wanted = std::round(std::max(smallest_letters, static_cast<float>(frame.height) / 40));
    const auto height = std::min(wanted, static_cast<float>(frame.width) * 0.9F / lettering::width_per_height(line));
    if (!letters_ || letters_->height() != height) letters_ = std::make_unique<lettering>(height);
    auto picture = copy_of(frame);
    const float margin = height * 0.7F;
    fill(picture, {0, 0, static_cast<int>(letters_->width(line) + margin * 2), static_cast<int>(height + margin * 2)},
         ground);
    letters_->draw(picture, {margin, margin}, line, ink);
    return std::move(picture).finish();
}

}  // namespace streamhost::video
