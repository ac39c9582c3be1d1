#pragma once

#include "sound_device.hpp"

#include <streamhost/module_context.hpp>

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace streamhost::audio::test {

/// What one opening of a sound device brings, in virtual time.
struct device_life {
    sound_format format{44100, 2, sample_format::s16};  ///< the device's own; of a microphone what it says
    double ppm = 0;                                     ///< how much faster its clock is than it says
    int period_frames = 512;                            ///< what it takes at once
    duration opens_after{};
    std::optional<device_failure> failure{};  ///< instead of a device
    duration lasts = std::chrono::hours(1000);
    bool hangs = false;  ///< in its opening, for ever
};

/// What a test has its devices do, and what they saw.
struct device_script {
    std::deque<device_life> lives;  ///< one for each opening; when they are used up: "no sound device is there"
    std::vector<duration> openings;  ///< when, since the start
    std::vector<std::string> names;  ///< that were asked for
    std::vector<std::byte> heard;    ///< what was played, by each device from its first sound on
    int open_runs = 0;
};

/// Devices that follow a script. The sound of a microphone counts up, sample by sample.
class simulated_devices final : public sound_devices {
public:
    simulated_devices(device_script& script, module_context& host);

    std::unique_ptr<device_run<playback_event>> play(const playback_request& request, const executor& lane,
                                                     std::function<void()> changed) override;
    std::unique_ptr<device_run<recording_event>> record(const recording_request& request, const executor& lane,
                                                        std::function<void()> changed) override;

private:
    device_life next_life(const std::string& name);

    device_script& script_;
    module_context& host_;
    steady_time started_;
};

}  // namespace streamhost::audio::test
