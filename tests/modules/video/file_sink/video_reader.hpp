#pragma once

#include <streamhost/bytes.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace streamhost::video::test {

/// What a player finds in a video file.
struct video_content {
    bool readable = false;
    int width = 0;
    int height = 0;
    std::vector<shared_bytes> pictures;
    std::vector<std::int64_t> times_ms;
};

/// Reads a file from its beginning on, as far as it goes.
video_content read_video(const std::string& path);

}  // namespace streamhost::video::test
