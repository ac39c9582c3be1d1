#pragma once

#include "playout.hpp"
#include "sound_device.hpp"
#include "sound_pacer.hpp"

#include <streamhost/module.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace streamhost::audio {

struct speaker_settings {
    std::string device = "default";
    std::chrono::milliseconds buffer{100};
};

/// What devices have done with what they were fed, in frames.
struct device_counts {
    std::uint64_t played = 0;
    std::uint64_t silent = 0;
    std::uint64_t underruns = 0;
};

/// `audio.speaker`: plays sound. A device that is not there, or goes, is a state: what arrives meanwhile is passed over at
/// its own pace and counted, and the device is looked for again. Sound that comes faster than it is played stays in the
/// link, whose policy says what then.
class speaker : public module {
public:
    static module_info describe();
    /// The same description for a class that derives from this one.
    template <class Module>
    static module_info describe_as();

    speaker(module_context& host, speaker_settings chosen);
    /// With devices of a test's own.
    speaker(module_context& host, speaker_settings chosen, std::unique_ptr<sound_devices> devices);
    ~speaker() override;

    awaitable<void> run() override;

private:
    awaitable<void> watch_device();
    void look_at_device();
    void begin_playing(playing_device device);
    void lose_device(const device_failure& failure);
    void begin_silence(std::string_view reason);
    void make_playout();

    awaitable<void> take_format(sound_format format);
    awaitable<void> wait_for_first_device();
    awaitable<void> play(audio_block block, steady_time arrived);
    awaitable<void> play_out();
    /// Until something happens to the device, or so long.
    awaitable<void> wait_for_change(duration limit);
    void look_at_counts();

    module_context& host_;
    speaker_settings chosen_;
    input<audio_block> audio_;
    counter& count_played_;
    counter& count_silent_;
    counter& count_underruns_;
    counter& count_unheard_;
    counter& count_skipped_;
    counter& count_losses_;
    counter& held_ms_;
    std::unique_ptr<sound_devices> devices_;

    std::optional<sound_format> format_;  // of what comes
    std::unique_ptr<device_run<playback_event>> run_;
    std::shared_ptr<jitter_buffer> buffer_;  // while the device plays
    std::optional<playout> playout_;         // while it plays what comes
    bool waits_for_first_ = true;            // sound is kept for a device that is being opened for the first time
    std::optional<sound_pacer> silence_pace_;  // of the sound that nobody hears
    bool over_ = false;  // no device is wanted any more
    bool drift_told_ = false;
    duration retry_delay_;
    timer retry_;
    bool retry_waits_ = false;
    event device_changed_;  // for watch_device()
    event changed_;         // for who feeds
    device_counts before_;  // of the devices before this one
    std::uint64_t skipped_before_ = 0;
};

template <class Module>
module_info speaker::describe_as() {
    return streamhost::describe<Module, speaker_settings>("audio.speaker", "Plays sound")
        .setting("device", &speaker_settings::device,
                 "name of a sound device, or a part of it; `default`: the system's choice")
        .setting("buffer", &speaker_settings::buffer,
                 "how much sound is held before it is played: what comes late by less is in time")
            .range(std::chrono::milliseconds(5), std::chrono::seconds(3))
        .template input<audio_block>("audio", "sound of any format; converted where the device has another");
}

}  // namespace streamhost::audio
