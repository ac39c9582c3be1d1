#pragma once

#include "portaudio_library.hpp"
#include "sound_device.hpp"

#include <streamhost/module_context.hpp>

#include <memory>

namespace streamhost::audio {

/// The sound devices of this machine, through PortAudio. All instances of a host share one PortAudio, also those of
/// different libraries.
class machine_devices final : public sound_devices {
public:
    explicit machine_devices(std::shared_ptr<portaudio_library> library) : library_(std::move(library)) {}
    explicit machine_devices(module_context& host);

    std::unique_ptr<device_run<playback_event>> play(const playback_request& request, const executor& lane,
                                                     std::function<void()> changed) override;
    std::unique_ptr<device_run<recording_event>> record(const recording_request& request, const executor& lane,
                                                        std::function<void()> changed) override;

private:
    std::shared_ptr<portaudio_library> library_;
};

}  // namespace streamhost::audio
