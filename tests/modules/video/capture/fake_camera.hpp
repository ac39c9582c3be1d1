#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <variant>
#include <vector>

/// Cameras that are none: in a program that links this, `open`, `close` and `ioctl` of the paths below are answered here
/// as a Video4Linux driver would answer, for OpenCV as for everybody.
namespace streamhost::video::test {

struct fake_camera {
    std::string card = "Fake Camera";
    std::uint32_t capabilities = 0x04000001;     ///< captures video, by streaming
    std::vector<std::uint32_t> formats;          ///< fourcc codes that it takes
    std::vector<std::pair<int, int>> sizes{{640, 480}};
    int rate = 30;
    /// What each read brings: a picture's bytes, or the error that the driver reports. Then: no such device.
    std::deque<std::variant<std::vector<std::byte>, int>> reads;
    int open_error = 0;

    // What was asked of it.
    std::uint32_t chosen_format = 0;
    int chosen_width = 0;
    int chosen_height = 0;
    int asked_rate = 0;
    int times_opened = 0;
    int times_closed = 0;
};

/// The camera at `path` is there until `remove_fake_cameras`. Not thread-safe: before anything opens it.
fake_camera& add_fake_camera(const std::string& path);
void remove_fake_cameras();

}  // namespace streamhost::video::test
