#include "pattern_source.hpp"

#include "jpeg_header.hpp"

namespace streamhost::video {

module_info pattern_source::describe() {
    return streamhost::describe<pattern_source, pattern_source_settings>(
               "video.test_pattern", "Pictures that need no camera: a counter, the time and something that moves")
        .setting("width", &pattern_source_settings::width, "of the pictures").range(64, 4096).unit("pixels")
        .setting("height", &pattern_source_settings::height, "of the pictures").range(64, 4096).unit("pixels")
        .setting("fps", &pattern_source_settings::fps, "pictures a second").range(0.1, 240).live()
        .setting("count", &pattern_source_settings::count, "ends after so many pictures; 0: never").at_least(0)
        .output<video_frame>("frames", "the pictures; the number of each is also in a bar code at its lower edge")
        .capture();
}

void pattern_source::check(const pattern_source_settings& chosen) {
    if (std::int64_t{chosen.width} * chosen.height <= max_picture_pixels) return;
    throw setting_error("height", fmt::format("expected a picture of at most {} pixels in all, such as 4096x2160, got {}x{}",
                                              max_picture_pixels, chosen.width, chosen.height));
}

pattern_source::pattern_source(module_context& host, pattern_source_settings chosen)
    : host_(host),
      chosen_(chosen),
      pattern_(chosen.width, chosen.height),
      frames_(host.output<video_frame>("frames")),
      count_missed_(host.metric("beats_missed", "pictures that were not drawn because a link held the source back")) {}

duration pattern_source::period() const {
    return std::chrono::duration_cast<duration>(std::chrono::duration<double>(1 / chosen_.fps));
}

void pattern_source::reconfigure(const pattern_source_settings& chosen) {
    chosen_.fps = chosen.fps;
    if (beat_) beat_->set_period(period());
}

awaitable<void> pattern_source::run() {
    auto& beat = beat_.emplace(host_.every(period()));
    for (std::int64_t number = 0; chosen_.count == 0 || number < chosen_.count; ++number) {
        if (number > 0) {  // the first picture is there at once
            const bool go_on = co_await beat.next();
            count_missed_.set(beat.missed());
            if (!go_on) break;
        }
        auto frame = pattern_.draw(static_cast<std::uint64_t>(number), local_time_of_day(host_.clock().wall_ns()));
        co_await frames_.send(std::move(frame));
    }
}

}  // namespace streamhost::video
