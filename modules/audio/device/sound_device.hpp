#pragma once

#include "jitter_buffer.hpp"
#include "sound_format.hpp"

#include <streamhost/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

/// Sound devices as a lane sees them: they run beside it, and what happens to them is taken one by one.
namespace streamhost::audio {

/// Why there is no device, or none any more. It is the last event.
struct device_failure {
    std::string reason;    ///< short: "no sound device is there"
    std::string remedy{};  ///< what to do about it, where somebody can do something
};

inline std::string in_words(const device_failure& failure) {
    return failure.remedy.empty() ? failure.reason : failure.reason + "; " + failure.remedy;
}

/// A device that plays what is fed to its buffer.
struct playing_device {
    std::string name;
    std::shared_ptr<jitter_buffer> buffer;  ///< in the device's format
};
using playback_event = std::variant<playing_device, device_failure>;

/// A device that records.
struct recording_device {
    std::string name;
    sound_format format;  ///< the device's own
};
struct recorded_sound {
    audio_block block;
    steady_time taken;       ///< when it came out of the device
    std::uint64_t lost = 0;  ///< frames that the device had and nobody took, since the block before
};
using recording_event = std::variant<recording_device, recorded_sound, device_failure>;

/// A device in use, or on its way to be. Confined to the lane; the destructor does not block, even where the device
/// hangs.
template <class Event>
class device_run {
public:
    virtual ~device_run() = default;

    virtual std::optional<Event> take() = 0;

    /// Asks it to end. `play_out`: after it has played what its buffer holds, which must be finished.
    virtual void stop(bool play_out) = 0;
    /// It has ended, and holds the device no longer.
    virtual bool ended() const = 0;
};

struct playback_request {
    std::string device;                ///< by its name, or "default"
    sound_format format;               ///< taken where the device can, else the nearest
    std::chrono::milliseconds buffer;  ///< the jitter buffer's target
};

struct recording_request {
    std::string device;
    sound_format format;  ///< of the blocks, converted where the device has another
    int chunk_frames = 1024;
};

/// Where a module gets its devices from: the machine, or a test. Confined to the lane. Neither call fails: failures are
/// the first event. `changed` is called on the lane whenever there is something to take or the device has ended.
class sound_devices {
public:
    virtual ~sound_devices() = default;

    virtual std::unique_ptr<device_run<playback_event>> play(const playback_request& request, const executor& lane,
                                                             std::function<void()> changed) = 0;
    virtual std::unique_ptr<device_run<recording_event>> record(const recording_request& request, const executor& lane,
                                                                std::function<void()> changed) = 0;
};

}  // namespace streamhost::audio
