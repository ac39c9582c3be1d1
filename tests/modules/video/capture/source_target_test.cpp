#include "source_target.hpp"

#include <gtest/gtest.h>

namespace streamhost::video {
namespace {

void expect_target(const source_setting& source, source_kind kind, const std::string& name) {
    const auto target = target_of(source);
    EXPECT_EQ(target.kind, kind) << name;
    EXPECT_EQ(target.name, name);
}

TEST(source_target_test, each_kind_of_source_is_known_by_its_form) {
    expect_target("auto", source_kind::automatic, "");
    expect_target(std::int64_t{2}, source_kind::device, "/dev/video2");
    expect_target("2", source_kind::device, "/dev/video2");
    expect_target("/dev/v4l/by-id/usb-camera", source_kind::device, "/dev/v4l/by-id/usb-camera");
    expect_target("rtsp://robot/stream", source_kind::url, "rtsp://robot/stream");
    expect_target("file:///tmp/clip.mp4", source_kind::file, "/tmp/clip.mp4");
    expect_target("clip.mp4", source_kind::file, "clip.mp4");
    expect_target("img%03d.png", source_kind::file, "img%03d.png");
    expect_target("/dev", source_kind::file, "/dev");
    expect_target("/dev/shm/clip.avi", source_kind::file, "/dev/shm/clip.avi");
}

}  // namespace
}  // namespace streamhost::video
