#pragma once

#include <streamhost/module.hpp>

#include <cstdint>

namespace streamhost::test {

struct numbered_frames_settings {
    std::int64_t width = 320;
    std::int64_t height = 240;
    double fps = 30;
    std::int64_t count = 0;
    bool noise = false;
};

/// Pictures that can be told apart: each holds its number (0, 1, 2 ... as a bar code) and the time at which it was made,
/// and no two neighbours have a byte in common elsewhere.
class numbered_frames final : public module {
public:
    static module_info describe();
    numbered_frames(module_context& host, numbered_frames_settings chosen);
    awaitable<void> run() override;

private:
    video_frame draw(std::uint16_t number) const;

    module_context& host_;
    numbered_frames_settings chosen_;
    output<video_frame> frames_;
};

}  // namespace streamhost::test
