#pragma once

#include <streamhost/media.hpp>

#include <opencv2/core/mat.hpp>

#include <optional>

namespace streamhost::video {

/// The bytes of a matrix without copying them; the matrix lives as long as they are used. Requires a continuous matrix
/// that nobody writes to any more.
shared_bytes bytes_of(cv::Mat matrix);

/// A picture of OpenCV's as a frame, without a copy where its rows lie together. Nothing where it is empty or of another
/// form than 8 bits in one channel (gray) or three (blue, green, red).
std::optional<video_frame> frame_of(cv::Mat matrix);

}  // namespace streamhost::video
