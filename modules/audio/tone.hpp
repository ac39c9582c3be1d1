#pragma once

#include "sound_pacer.hpp"
#include "tone_generator.hpp"

#include <streamhost/module.hpp>

#include <chrono>

namespace streamhost::audio {

struct tone_settings {
    int rate = 44100;
    int channels = 2;
    sample_format format = sample_format::s16;
    double frequency = usual_tone_frequency;
    double level = usual_tone_level;
    int chunk_frames = 1024;
    std::chrono::milliseconds length{0};
};

/// `audio.tone`: sound that needs no microphone.
class tone final : public module {
public:
    static module_info describe();
    /// Refuses what the rate cannot carry.
    static void check(const tone_settings& chosen);

    tone(module_context& host, tone_settings chosen);

    awaitable<void> run() override;

private:
    std::int64_t frames_in_all() const;

    module_context& host_;
    tone_settings chosen_;
    tone_generator generator_;
    output<audio_block> audio_;
    counter& count_restarts_;
};

}  // namespace streamhost::audio
