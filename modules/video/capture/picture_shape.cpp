#include "picture_shape.hpp"

#include "frame_buffer.hpp"

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace streamhost::video {

int height_for_width(int width, int height, int new_width) noexcept {
    const double ratio = new_width / static_cast<double>(width);
    return std::max(1, static_cast<int>(height * ratio));
}

video_frame shaped(const video_frame& frame, const picture_shape& shape) {
    auto turned = transform(frame, shape.flipped, shape.rotated);
    if (shape.width == 0 || shape.width == turned.width) return turned;
    frame_buffer scaled(shape.width, height_for_width(turned.width, turned.height, shape.width), turned.format);
    const int type = CV_8UC(bytes_per_pixel(turned.format));
    // OpenCV has no view of constant pixels; it only reads these.
    const cv::Mat from(turned.height, turned.width, type, const_cast<std::byte*>(turned.pixels.data()));
    cv::Mat to(scaled.height(), scaled.width(), type, scaled.data());
    cv::resize(from, to, to.size(), 0, 0, cv::INTER_AREA);
    return std::move(scaled).finish();
}

}  // namespace streamhost::video
