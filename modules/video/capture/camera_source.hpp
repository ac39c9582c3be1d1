#pragma once

#include "frame_source.hpp"
#include "jpeg_decoder.hpp"
#include "picture_feed.hpp"

#include <opencv2/videoio.hpp>

#include <string>
#include <vector>

namespace streamhost::video {

/// The cameras of this machine by their paths, lowest number first: /dev/video0, /dev/video1, ... Some of them may turn
/// out to be none: a camera's second node only carries its metadata.
std::vector<std::string> camera_paths(const std::string& folder = "/dev");

/// A camera, by Video4Linux through OpenCV. Where images are wanted, or the pictures are large, it asks the camera for
/// JPEG: then `images` are the camera's own bytes, and frames are decoded from them only where frames are wanted.
///
/// A read ends after 10 s at the latest where the driver is healthy (OpenCV's own limit).
class camera_source final : public frame_source {
public:
    explicit camera_source(source_request request) : request_(std::move(request)) {}

    std::optional<source_failure> open() override;
    source_event read() override;
    const source_info& info() const override { return *info_; }

private:
    void configure();
    source_failure loss() const;
    std::optional<source_picture> picture_of_jpeg(cv::Mat bytes);

    source_request request_;
    std::shared_ptr<const source_info> info_;
    cv::VideoCapture capture_;
    bool jpeg_ = false;
    jpeg_decoder decoder_;
};

}  // namespace streamhost::video
