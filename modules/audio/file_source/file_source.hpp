#pragma once

#include "sound_file.hpp"
#include "tone_generator.hpp"

#include <streamhost/module.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace streamhost::audio {

enum class file_samples : std::uint8_t { automatic, s16, f32 };

struct file_source_settings {
    std::string file;
    bool loop = false;
    int chunk_frames = 1024;
    file_samples format = file_samples::automatic;
};

/// `audio.file_source`: the sound of a file, paced by the clock. The end of the file is the end of the stream. Where no
/// file is named it is a tone.
class file_source final : public module {
public:
    static module_info describe();

    file_source(module_context& host, file_source_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    sound_format format() const noexcept { return file_ ? file_->format() : tone_format_; }
    awaitable<audio_block> read_next();

    module_context& host_;
    file_source_settings chosen_;
    output<audio_block> audio_;
    counter& count_restarts_;
    std::unique_ptr<sound_file> file_;  // none: the tone
    sound_format tone_format_;
    std::optional<tone_generator> tone_;
};

}  // namespace streamhost::audio
