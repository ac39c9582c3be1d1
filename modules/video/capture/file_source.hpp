#pragma once

#include "frame_source.hpp"
#include "picture_shape.hpp"
#include "source_target.hpp"

#include <opencv2/videoio.hpp>

#include <string>

namespace streamhost::video {

/// Files, sequences of pictures and URLs, by FFmpeg through OpenCV. A URL whose length is not known is live.
class file_source final : public frame_source {
public:
    file_source(source_target target, picture_shape shape);

    std::optional<source_failure> open() override;
    source_event read() override;
    const source_info& info() const override { return *info_; }

private:
    source_target target_;
    picture_shape shape_;
    std::shared_ptr<const source_info> info_;
    cv::VideoCapture capture_;
};

}  // namespace streamhost::video
