#include "matrix_pixels.hpp"

#include <streamhost/assert.hpp>

#include <memory>
#include <span>

namespace streamhost::video {

shared_bytes bytes_of(cv::Mat matrix) {
    STREAMHOST_ASSERT(matrix.isContinuous());
    auto owner = std::make_shared<const cv::Mat>(std::move(matrix));
    const auto bytes = std::as_bytes(std::span(owner->data, owner->total() * owner->elemSize()));
    return {std::move(owner), bytes};
}

std::optional<video_frame> frame_of(cv::Mat matrix) {
    if (matrix.empty() || matrix.dims != 2 || (matrix.type() != CV_8UC3 && matrix.type() != CV_8UC1)) return std::nullopt;
    if (!matrix.isContinuous()) matrix = matrix.clone();
    video_frame frame{
        .width = matrix.cols,
        .height = matrix.rows,
        .format = matrix.type() == CV_8UC3 ? pixel_format::bgr8 : pixel_format::gray8,
        .pixels = {},
    };
    frame.pixels = bytes_of(std::move(matrix));
    return frame;
}

}  // namespace streamhost::video
