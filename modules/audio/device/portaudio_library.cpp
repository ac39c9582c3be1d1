#include "portaudio_library.hpp"

#include "portaudio_quiet.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

namespace streamhost::audio {
namespace {

using direction = portaudio_library::direction;

constexpr const char* no_device = "no sound device is there";

int most_channels_of(const PaDeviceInfo& device, direction way) {
    return way == direction::play ? device.maxOutputChannels : device.maxInputChannels;
}

PaSampleFormat portaudio_format(sample_format samples) { return samples == sample_format::f32 ? paFloat32 : paInt16; }

PaStreamParameters parameters(PaDeviceIndex index, const sound_format& format, double latency) {
    PaStreamParameters chosen{};
    chosen.device = index;
    chosen.channelCount = format.channels;
    chosen.sampleFormat = portaudio_format(format.samples);
    chosen.suggestedLatency = latency;
    return chosen;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

/// What to try in turn: the wanted format, then with the channels that the device has, then the device's own.
std::vector<sound_format> candidates(const sound_format& wanted, const PaDeviceInfo& device, direction way) {
    const int channels = std::clamp(wanted.channels, 1, most_channels_of(device, way));
    const int own_rate = static_cast<int>(device.defaultSampleRate);
    const int usual_channels = std::min(2, most_channels_of(device, way));
    std::vector<sound_format> list{wanted};
    for (const int rate : {wanted.rate, own_rate}) {
        for (const int count : {channels, usual_channels}) {
            for (const auto samples : {wanted.samples, sample_format::f32, sample_format::s16}) {
                list.push_back({rate, count, samples});
            }
        }
    }
    return list;
}

bool takes(PaDeviceIndex index, const sound_format& format, double latency, direction way) {
    const auto chosen = parameters(index, format, latency);
    const bool play = way == direction::play;
    return ::Pa_IsFormatSupported(play ? nullptr : &chosen, play ? &chosen : nullptr, format.rate) == paFormatIsSupported;
}

int exchange_sound(const void* input, void* output, unsigned long frames, const PaStreamCallbackTimeInfo*,
                   PaStreamCallbackFlags, void* user) noexcept {
    const auto& target = *static_cast<const portaudio_stream::callback*>(user);
    target.call(target.user, output != nullptr ? output : const_cast<void*>(input), frames);
    return paContinue;
}

}  // namespace

portaudio_library::~portaudio_library() {
    if (initialised_) ::Pa_Terminate();
}

device_failure portaudio_library::describe(PaError code) {
    if (code == paUnanticipatedHostError) {
        const auto* const detail = ::Pa_GetLastHostErrorInfo();
        if (detail != nullptr && detail->errorText != nullptr && *detail->errorText != '\0') return {detail->errorText};
    }
    return {::Pa_GetErrorText(code)};
}

std::optional<device_failure> portaudio_library::refresh() {
    // The list of devices is made when PortAudio begins; a new one needs a new beginning, which closes what is open.
    if (initialised_ && streams_ > 0) return std::nullopt;
    if (initialised_) ::Pa_Terminate();
    initialised_ = false;
    if (quiet_) quieten_sound_libraries();
    const PaError code = ::Pa_Initialize();
    if (code != paNoError) return describe(code);
    initialised_ = true;
    return std::nullopt;
}

std::variant<PaDeviceIndex, device_failure> portaudio_library::find_index(const request& wanted) {
    std::vector<std::string> names;
    PaDeviceIndex similar = paNoDevice;
    for (PaDeviceIndex i = 0; i < ::Pa_GetDeviceCount(); ++i) {
        const auto* const info = ::Pa_GetDeviceInfo(i);
        if (info == nullptr || most_channels_of(*info, wanted.way) == 0) continue;
        if (wanted.device == info->name) return i;
        const bool is_similar = lower_case(info->name).find(lower_case(wanted.device)) != std::string::npos;
        if (similar == paNoDevice && is_similar) similar = i;
        names.push_back(fmt::format("\"{}\"", info->name));
    }
    if (names.empty()) return device_failure{no_device};
    if (wanted.device == "default") {
        const auto index = wanted.way == direction::play ? ::Pa_GetDefaultOutputDevice() : ::Pa_GetDefaultInputDevice();
        if (index != paNoDevice) return index;
        return device_failure{"no sound device is the default one",
                              fmt::format("`device` may be {}", fmt::join(names, ", "))};
    }
    if (similar != paNoDevice) return similar;
    return device_failure{fmt::format("there is no sound device \"{}\"", wanted.device),
                          fmt::format("`device` may be {}", fmt::join(names, ", "))};
}

std::variant<portaudio_library::device, device_failure> portaudio_library::find(const request& wanted) {
    auto found = find_index(wanted);
    if (auto* const failure = std::get_if<device_failure>(&found)) return std::move(*failure);
    const auto index = std::get<PaDeviceIndex>(found);
    const auto& info = *::Pa_GetDeviceInfo(index);
    const double usual = wanted.way == direction::play ? info.defaultHighOutputLatency : info.defaultHighInputLatency;
    const double latency = std::max(usual, wanted.latency);
    for (const auto& format : candidates(wanted.format, info, wanted.way)) {
        if (takes(index, format, latency, wanted.way)) return device{index, info.name, format, latency};
    }
    return device_failure{fmt::format("\"{}\" takes no format that is known here", info.name),
                          "does another program hold it?"};
}

std::variant<std::unique_ptr<portaudio_stream>, device_failure> portaudio_library::open(
    const request& wanted, exchange call, const std::function<void*(const device&)>& make_user) {
    const std::lock_guard lock(mutex_);
    if (auto failure = refresh()) return std::move(*failure);
    auto found = find(wanted);
    if (auto* const failure = std::get_if<device_failure>(&found)) return std::move(*failure);
    const auto& chosen = std::get<device>(found);
    auto stream = std::make_unique<portaudio_stream>(shared_from_this());
    stream->callback_ = {call, make_user(chosen)};
    const auto way = parameters(chosen.index, chosen.format, chosen.latency);
    const bool play = wanted.way == direction::play;
    const PaError code =
        ::Pa_OpenStream(&stream->stream_, play ? nullptr : &way, play ? &way : nullptr, chosen.format.rate,
                        paFramesPerBufferUnspecified, paNoFlag, exchange_sound, &stream->callback_);
    if (code == paNoError) {
        ++streams_;
        return stream;
    }
    stream->stream_ = nullptr;  // nothing to close
    return describe(code);
}

portaudio_stream::~portaudio_stream() {
    if (stream_ == nullptr) return;
    const std::lock_guard lock(owner_->mutex_);
    ::Pa_AbortStream(stream_);
    ::Pa_CloseStream(stream_);
    --owner_->streams_;
}

std::optional<device_failure> portaudio_stream::start() {
    const std::lock_guard lock(owner_->mutex_);
    const PaError code = ::Pa_StartStream(stream_);
    if (code != paNoError) return portaudio_library::describe(code);
    return std::nullopt;
}

double portaudio_stream::latency() const {
    const std::lock_guard lock(owner_->mutex_);
    const auto* const info = ::Pa_GetStreamInfo(stream_);
    return info != nullptr ? info->outputLatency : 0;
}

bool portaudio_stream::active() {
    const std::lock_guard lock(owner_->mutex_);
    return ::Pa_IsStreamActive(stream_) == 1;
}

void portaudio_stream::stop() {
    const std::lock_guard lock(owner_->mutex_);
    ::Pa_StopStream(stream_);
}

}  // namespace streamhost::audio
