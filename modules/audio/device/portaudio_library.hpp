#pragma once

#include "sound_device.hpp"

#include <portaudio.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

namespace streamhost::audio {

class portaudio_stream;

/// PortAudio (V19), of which a process has one: its calls are made one at a time here. Any thread; calls block on drivers.
/// All instances of a host share one, through `module_context::shared`.
class portaudio_library : public std::enable_shared_from_this<portaudio_library> {
public:
    /// `quiet`: what the libraries below would print to the standard error is left out.
    explicit portaudio_library(bool quiet) : quiet_(quiet) {}
    ~portaudio_library();
    portaudio_library(const portaudio_library&) = delete;
    portaudio_library& operator=(const portaudio_library&) = delete;

    enum class direction : std::uint8_t { play, record };

    /// Called on PortAudio's own thread; `sound` is to be filled, or to be read.
    using exchange = void (*)(void* user, void* sound, unsigned long frames);

    struct request {
        direction way = direction::play;
        std::string device;  ///< "default", or a name, or a part of one
        sound_format format;  ///< the wanted one
        double latency = 0;   ///< seconds that the device may hold at least; 0: its own choice for sound that must not break
    };

    /// A device that was found, and the format nearest to the wanted one that it takes.
    struct device {
        PaDeviceIndex index = paNoDevice;
        std::string name;
        sound_format format;
        double latency = 0;  ///< seconds
    };

    /// Opens the device; it does not run yet. `make_user` is called once the device is known, before it is opened, and
    /// what it returns must outlive the stream.
    std::variant<std::unique_ptr<portaudio_stream>, device_failure> open(
        const request& wanted, exchange call, const std::function<void*(const device&)>& make_user);

private:
    friend class portaudio_stream;

    std::optional<device_failure> refresh();
    static std::variant<PaDeviceIndex, device_failure> find_index(const request& wanted);
    static std::variant<device, device_failure> find(const request& wanted);
    static device_failure describe(PaError code);

    bool quiet_;
    std::mutex mutex_;
    bool initialised_ = false;
    int streams_ = 0;  ///< open ones
};

/// An open stream; closed at the end of its life. One thread at a time.
class portaudio_stream {
public:
    struct callback {
        portaudio_library::exchange call;
        void* user;
    };

    explicit portaudio_stream(std::shared_ptr<portaudio_library> owner) : owner_(std::move(owner)) {}
    ~portaudio_stream();
    portaudio_stream(const portaudio_stream&) = delete;
    portaudio_stream& operator=(const portaudio_stream&) = delete;

    std::optional<device_failure> start();
    /// How long what the device was given takes until it is heard, in seconds.
    double latency() const;
    bool active();
    /// After what the device has was played.
    void stop();

private:
    friend class portaudio_library;

    std::shared_ptr<portaudio_library> owner_;
    callback callback_{};
    PaStream* stream_ = nullptr;
};

}  // namespace streamhost::audio
