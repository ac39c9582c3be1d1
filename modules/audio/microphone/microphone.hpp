#pragma once

#include "setting_ranges.hpp"
#include "sound_device.hpp"
#include "sound_format.hpp"

#include <streamhost/module.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace streamhost::audio {

struct microphone_settings {
    std::string device = "auto";
    int rate = 44100;
    int channels = 2;
    sample_format format = sample_format::s16;
    int chunk_frames = 1024;
};

/// `audio.microphone`: the sound of a device. With `auto` it is the default device or, where there is none at the start,
/// a tone. A device that was named and is not there, or that goes, is a state: it is looked for again.
class microphone : public module {
public:
    static module_info describe();
    /// The same description for a class that derives from this one.
    template <class Module>
    static module_info describe_as();

    microphone(module_context& host, microphone_settings chosen);
    /// With devices of a test's own.
    microphone(module_context& host, microphone_settings chosen, std::unique_ptr<sound_devices> devices);
    ~microphone() override;

    awaitable<void> run() override;

private:
    enum class outcome : std::uint8_t { lost, draining };

    bool automatic() const noexcept { return chosen_.device == "auto"; }
    sound_format format() const noexcept { return {chosen_.rate, chosen_.channels, chosen_.format}; }

    awaitable<outcome> record();
    awaitable<void> retire_device();
    awaitable<void> play_tone();
    /// The device's next one; empty when the host drains, or at `until`.
    awaitable<std::optional<recording_event>> next_event(steady_time until);
    awaitable<void> send(recorded_sound sound);
    awaitable<void> wait_for_change(steady_time until);

    module_context& host_;
    microphone_settings chosen_;
    output<audio_block> audio_;
    counter& count_lost_;
    counter& count_losses_;
    counter& count_restarts_;
    std::unique_ptr<sound_devices> devices_;

    event changed_;  // of the device, the drain or a timer
    std::unique_ptr<device_run<recording_event>> run_;
    std::unique_ptr<device_run<recording_event>> hanging_;  // one that did not end when it was asked to
    std::string problem_;
    bool heard_ = false;  // from then on `auto` waits for a device
    duration retry_delay_;
};

template <class Module>
module_info microphone::describe_as() {
    return streamhost::describe<Module, microphone_settings>("audio.microphone", "The sound of a microphone")
        .setting("device", &microphone_settings::device,
                 "`auto` (the default device or, where there is none, a tone), `default`, or the name of a sound device or "
                 "a part of it")
        .setting("rate", &microphone_settings::rate, "frames a second; converted where the device has another")
            .range(lowest_rate, highest_rate).unit("Hz")
        .setting("channels", &microphone_settings::channels, "converted where the device has others")
            .range(1, most_channels)
        .setting("format", &microphone_settings::format, "of a sample: 16 bit integer, or 32 bit float")
            .one_of({{"s16", sample_format::s16}, {"f32", sample_format::f32}})
        .setting("chunk_frames", &microphone_settings::chunk_frames, "frames of a block")
            .range(shortest_chunk, longest_chunk).unit("frames")
        .template output<audio_block>("audio", "the sound, as the device gives it")
        .capture();
}

}  // namespace streamhost::audio
