#pragma once

#include "sound_converter.hpp"

#include <streamhost/module.hpp>

#include <optional>

namespace streamhost::audio {

struct convert_settings {
    int rate = 44100;
    int channels = 2;
    sample_format format = sample_format::s16;
};

/// `audio.convert`: sound of any format as sound of one. What has that format already is handed on as it is.
class convert final : public module {
public:
    static module_info describe();

    convert(module_context& host, convert_settings chosen);

    awaitable<void> run() override;

private:
    /// Makes ready for sound of that format; what the one before held back is sent. False where it cannot be converted.
    awaitable<bool> take_format(sound_format from);
    awaitable<void> send(std::vector<std::byte> samples, message_header made_from);
    /// The end of a sound.
    awaitable<void> finish();

    module_context& host_;
    sound_format wanted_;
    input<audio_block> audio_;
    output<audio_block> converted_;
    counter& count_refused_;
    std::optional<sound_format> from_;          // of what comes
    std::optional<sound_converter> converter_;  // where it is not the wanted one
    message_header last_;                       // of what was converted last
};

}  // namespace streamhost::audio
