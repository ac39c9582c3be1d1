#include "numbered_frames.hpp"

#include "bar_code.hpp"
#include "stamp_bar.hpp"

#include <cstring>
#include <random>

namespace streamhost::test {

module_info numbered_frames::describe() {
    return streamhost::describe<numbered_frames, numbered_frames_settings>("numbered.frames", "Pictures with a number")
        .setting("width", &numbered_frames_settings::width, "of a picture").range(64, 4096).unit("pixels")
        .setting("height", &numbered_frames_settings::height, "of a picture").range(64, 4096).unit("pixels")
        .setting("fps", &numbered_frames_settings::fps, "pictures a second").range(0.1, 1000)
        .setting("count", &numbered_frames_settings::count, "how many; 0: for ever")
        .setting("noise", &numbered_frames_settings::noise, "every byte random, the worst for JPEG")
        .output<video_frame>("frames", "the pictures").spontaneous();
}

numbered_frames::numbered_frames(module_context& host, numbered_frames_settings chosen)
    : host_(host), chosen_(chosen), frames_(host.output<video_frame>("frames")) {}

video_frame numbered_frames::draw(std::uint16_t number) const {
    video::frame_buffer picture(static_cast<int>(chosen_.width), static_cast<int>(chosen_.height), pixel_format::bgr8);
    if (chosen_.noise) {
        std::mt19937_64 random(number);
        for (std::size_t i = 0; i + sizeof(std::uint64_t) <= picture.size(); i += sizeof(std::uint64_t)) {
            const std::uint64_t bytes = random();
            std::memcpy(picture.data() + i, &bytes, sizeof bytes);
        }
    } else {
        std::memset(picture.data(), number % 251, picture.size());
    }
    write_stamp_bar(picture, host_.clock().steady_ns());
    video::write_bar_code(picture, number);
    return std::move(picture).finish();
}

awaitable<void> numbered_frames::run() {
    const std::chrono::duration<double> period(1 / chosen_.fps);
    auto beat = host_.every(std::chrono::duration_cast<duration>(period));
    for (std::int64_t i = 0; chosen_.count == 0 || i < chosen_.count; ++i) {
        const bool go_on = co_await beat.next();
        if (!go_on) break;
        auto frame = draw(static_cast<std::uint16_t>(i));
        co_await frames_.send(std::move(frame));
    }
}

}  // namespace streamhost::test
