#include "file_source.hpp"

#include "setting_ranges.hpp"
#include "sound_pacer.hpp"

#include <optional>

namespace streamhost::audio {
namespace {

std::optional<sample_format> wanted(file_samples chosen) {
    if (chosen == file_samples::s16) return sample_format::s16;
    if (chosen == file_samples::f32) return sample_format::f32;
    return std::nullopt;
}

}  // namespace

module_info file_source::describe() {
    return streamhost::describe<file_source, file_source_settings>("audio.file_source",
                                                                   "The sound of a file, at its own pace")
        .setting("file", &file_source_settings::file,
                 "path of a WAV, FLAC or Ogg file; empty: a tone without an end is played instead")
        .setting("loop", &file_source_settings::loop, "the file starts again at its end")
        .setting("chunk_frames", &file_source_settings::chunk_frames, "frames of a block; the last one of the file may be shorter")
            .range(shortest_chunk, longest_chunk).unit("frames")
        .setting("format", &file_source_settings::format,
                 "of a sample; `auto`: `s16` where that loses nothing, else `f32`")
            .one_of({{"auto", file_samples::automatic}, {"s16", file_samples::s16}, {"f32", file_samples::f32}})
        .output<audio_block>("audio", "the sound, paced by the clock");
}

file_source::file_source(module_context& host, file_source_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      audio_(host.output<audio_block>("audio")),
      count_restarts_(host.metric("schedule_restarts", schedule_restarts_help)) {}

awaitable<void> file_source::prepare() {
    if (chosen_.file.empty()) {
        tone_format_.samples = wanted(chosen_.format).value_or(sample_format::s16);
        tone_.emplace(tone_format_, usual_tone_frequency, usual_tone_level);
        host_.set_condition("a tone is played: no file is named");
        co_return;
    }
    const auto work = [this] { return std::make_unique<sound_file>(chosen_.file, wanted(chosen_.format)); };
    file_ = co_await host_.blocking(work);
    host_.log().info("{}: {}", chosen_.file, file_->describe());
}

awaitable<audio_block> file_source::read_next() {
    if (tone_) co_return tone_->next(chosen_.chunk_frames);
    const auto work = [this] {
        auto block = file_->read(chosen_.chunk_frames);
        if (!block.samples.empty() || !chosen_.loop) return block;
        file_->rewind();
        return file_->read(chosen_.chunk_frames);
    };
    auto block = co_await host_.blocking(work);
    co_return block;
}

awaitable<void> file_source::run() {
    sound_pacer pacer(format().rate);
    for (;;) {
        auto block = co_await read_next();  // ahead of the time at which it is due
        if (block.samples.empty()) break;
        const auto pause = pacer.until_due(host_.clock().now());
        count_restarts_.set(pacer.restarts());
        const bool go_on = co_await host_.sleep_for(pause);
        if (!go_on) co_return;
        pacer.sent(static_cast<std::int64_t>(block.frames()));
        co_await audio_.send(std::move(block));
    }
    const auto problem = file_->problem();
    if (!problem.empty()) throw std::runtime_error(chosen_.file + ": " + problem);
    host_.log().info("{} has ended", chosen_.file);
}

}  // namespace streamhost::audio
