#include "tone.hpp"

#include "setting_ranges.hpp"

#include <algorithm>
#include <limits>

namespace streamhost::audio {

module_info tone::describe() {
    return streamhost::describe<tone, tone_settings>("audio.tone", "A sine: sound that needs no microphone")
        .setting("rate", &tone_settings::rate, "frames a second").range(lowest_rate, highest_rate).unit("Hz")
        .setting("channels", &tone_settings::channels, "all with the same sound").range(1, most_channels)
        .setting("format", &tone_settings::format, "of a sample: 16 bit integer, or 32 bit float")
            .one_of({{"s16", sample_format::s16}, {"f32", sample_format::f32}})
        .setting("frequency", &tone_settings::frequency, "of the sine, below half the rate").range(1, 100'000).unit("Hz")
        .setting("level", &tone_settings::level, "how loud; 1 is full scale").range(0, 1)
        .setting("chunk_frames", &tone_settings::chunk_frames, "frames of a block")
            .range(shortest_chunk, longest_chunk).unit("frames")
        .setting("length", &tone_settings::length, "ends after so long; 0: never")
            .range(std::chrono::milliseconds(0), std::chrono::hours(1000))
        .output<audio_block>("audio", "the sound, paced by the clock")
        .capture();
}

void tone::check(const tone_settings& chosen) {
    if (chosen.frequency * 2 < chosen.rate) return;
    throw setting_error("frequency", fmt::format("expected less than half the rate, {} Hz, got {}", chosen.rate / 2.0,
                                                 chosen.frequency));
}

tone::tone(module_context& host, tone_settings chosen)
    : host_(host),
      chosen_(chosen),
      generator_({chosen.rate, chosen.channels, chosen.format}, chosen.frequency, chosen.level),
      audio_(host.output<audio_block>("audio")),
      count_restarts_(host.metric("schedule_restarts", schedule_restarts_help)) {}

std::int64_t tone::frames_in_all() const {
    if (chosen_.length.count() == 0) return std::numeric_limits<std::int64_t>::max();
    return chosen_.length.count() * chosen_.rate / 1000;
}

awaitable<void> tone::run() {
    sound_pacer pacer(chosen_.rate);
    for (auto left = frames_in_all(); left > 0;) {
        const auto pause = pacer.until_due(host_.clock().now());
        count_restarts_.set(pacer.restarts());
        const bool go_on = co_await host_.sleep_for(pause);
        if (!go_on) break;
        const auto frames = std::min<std::int64_t>(chosen_.chunk_frames, left);
        auto block = generator_.next(frames);
        co_await audio_.send(std::move(block));
        pacer.sent(frames);
        left -= frames;
    }
}

}  // namespace streamhost::audio
