#include "machine_devices.hpp"

#include "device_thread.hpp"
#include "recording_buffer.hpp"
#include "sound_converter.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;
using playback_thread = device_thread<playback_event>;
using recording_thread = device_thread<recording_event>;

constexpr auto look_period = 50ms;
/// A device that asks for nothing, or gives nothing, for so long is gone, whatever its driver says. PortAudio itself takes
/// 2 s to notice that a sound server has stopped after an underrun, and then goes on.
constexpr auto longest_stillness = 4s;
constexpr auto longest_play_out = 10s;
/// Where much is held for a network or a machine that is not in time, the device gets its share: a busy machine is late for
/// both.
constexpr double device_share = 0.5;
constexpr double most_device_latency = 1;  ///< seconds

/// Whether a device still moves, by what it has exchanged so far.
class stillness {
public:
    bool too_long(std::int64_t frames, std::chrono::milliseconds passed) {
        still_ = frames == frames_ ? still_ + passed : 0ms;
        frames_ = frames;
        return still_ > longest_stillness;
    }

private:
    std::int64_t frames_ = 0;
    std::chrono::milliseconds still_{0};
};

void fill(void* user, void* sound, unsigned long frames) {
    auto& buffer = *static_cast<jitter_buffer*>(user);
    const std::span<std::byte> bytes(static_cast<std::byte*>(sound), frames * buffer.format().frame_bytes());
    buffer.pull(bytes, std::chrono::steady_clock::now());
}

void keep(void* user, void* sound, unsigned long frames) {
    auto& buffer = *static_cast<recording_buffer*>(user);
    buffer.push({static_cast<const std::byte*>(sound), frames * buffer.format().frame_bytes()});
}

/// Until all that the buffer holds was heard, or the device does not ask any more.
void play_out(const jitter_buffer& buffer, portaudio_stream& stream) {
    stillness still;
    // Sound servers leave out the last part of what they were given when they are stopped: that is to be silence.
    const auto behind_it = static_cast<std::int64_t>(stream.latency() * buffer.format().rate);
    std::optional<std::int64_t> empty_since;
    for (auto waited = 0ms; waited < longest_play_out && stream.active(); waited += 10ms) {
        if (!empty_since && buffer.held() == 0) empty_since = buffer.pulled();
        if (empty_since && buffer.pulled() - *empty_since > behind_it) break;
        if (still.too_long(buffer.pulled(), 10ms)) return;
        std::this_thread::sleep_for(10ms);
    }
    stream.stop();
}

void play_on(portaudio_library& library, const playback_request& request, device_wish& wish,
             const playback_thread::report& report) {
    using enum portaudio_library::direction;
    std::string name;
    std::shared_ptr<jitter_buffer> buffer;
    const auto make_buffer = [&](const portaudio_library::device& device) -> void* {
        name = device.name;
        const auto target = static_cast<std::size_t>(request.buffer.count() * device.format.rate / 1000);
        buffer = std::make_shared<jitter_buffer>(device.format, target);
        return buffer.get();
    };
    const double held = std::chrono::duration<double>(request.buffer).count();
    const double latency = std::min(held * device_share, most_device_latency);
    auto opened = library.open({.way = play, .device = request.device, .format = request.format, .latency = latency},
                               fill, make_buffer);
    if (auto* const failure = std::get_if<device_failure>(&opened)) {
        report(std::move(*failure));
        return;
    }
    auto& stream = *std::get<std::unique_ptr<portaudio_stream>>(opened);
    if (auto failure = stream.start()) {
        report(std::move(*failure));
        return;
    }
    if (!report(playing_device{name, buffer})) return;
    stillness still;
    while (wish.wait_for(look_period)) {
        if (!stream.active() || still.too_long(buffer->pulled(), look_period)) {
            report(device_failure{fmt::format("\"{}\" has stopped", name)});
            return;
        }
    }
    if (wish.play_out()) play_out(*buffer, stream);
}

/// Makes blocks of the wanted format and length from what a device gives.
class block_maker {
public:
    block_maker(const sound_format& from, const recording_request& request)
        : converter_(from, request.format),
          chunk_bytes_(static_cast<std::size_t>(request.chunk_frames) * request.format.frame_bytes()) {}

    void add(std::span<const std::byte> samples) {
        const auto more = converter_.convert(samples);
        waiting_.insert(waiting_.end(), more.begin(), more.end());
    }

    std::optional<audio_block> next() {
        if (waiting_.size() < chunk_bytes_) return std::nullopt;
        const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(chunk_bytes_);
        auto block = make_block(converter_.to(), std::vector<std::byte>(waiting_.begin(), end));
        waiting_.erase(waiting_.begin(), end);
        return block;
    }

private:
    sound_converter converter_;
    std::size_t chunk_bytes_;
    std::vector<std::byte> waiting_;
};

void record_from(portaudio_library& library, const recording_request& request, device_wish& wish,
                 const recording_thread::report& report) {
    using enum portaudio_library::direction;
    std::string name;
    std::optional<recording_buffer> buffer;
    const auto make_buffer = [&](const portaudio_library::device& device) -> void* {
        name = device.name;
        buffer.emplace(device.format, static_cast<std::size_t>(device.format.rate));  // a second
        return &*buffer;
    };
    auto opened = library.open({.way = record, .device = request.device, .format = request.format}, keep, make_buffer);
    if (auto* const failure = std::get_if<device_failure>(&opened)) {
        report(std::move(*failure));
        return;
    }
    if (!sound_converter::takes(buffer->format(), request.format)) {
        report(device_failure{fmt::format("\"{}\" gives {}, which cannot become {}", name, to_string(buffer->format()),
                                          to_string(request.format))});
        return;
    }
    auto& stream = *std::get<std::unique_ptr<portaudio_stream>>(opened);
    if (auto failure = stream.start()) {
        report(std::move(*failure));
        return;
    }
    if (!report(recording_device{name, buffer->format()})) return;
    block_maker blocks(buffer->format(), request);
    stillness still;
    constexpr auto period = 10ms;
    while (wish.wait_for(period)) {
        if (!stream.active() || still.too_long(buffer->recorded(), period)) {
            report(device_failure{fmt::format("\"{}\" has stopped", name)});
            return;
        }
        const auto taken = std::chrono::steady_clock::now();
        blocks.add(buffer->pop(buffer->held()));
        while (auto block = blocks.next()) {
            if (!report(recorded_sound{std::move(*block), taken, buffer->take_lost()})) return;
        }
    }
}

std::shared_ptr<portaudio_library> library_of(module_context& host) {
    const bool quiet = !host.log().enabled(log_level::debug);
    return host.shared<portaudio_library>([quiet] { return std::make_shared<portaudio_library>(quiet); });
}

}  // namespace

machine_devices::machine_devices(module_context& host) : machine_devices(library_of(host)) {}

std::unique_ptr<device_run<playback_event>> machine_devices::play(const playback_request& request, const executor& lane,
                                                                  std::function<void()> changed) {
    auto job = [library = library_, request](device_wish& wish, const playback_thread::report& report) {
        play_on(*library, request, wish, report);
    };
    return std::make_unique<playback_thread>(std::move(job), lane, std::move(changed));
}

std::unique_ptr<device_run<recording_event>> machine_devices::record(const recording_request& request, const executor& lane,
                                                                     std::function<void()> changed) {
    auto job = [library = library_, request](device_wish& wish, const recording_thread::report& report) {
        record_from(*library, request, wish, report);
    };
    return std::make_unique<recording_thread>(std::move(job), lane, std::move(changed));
}

}  // namespace streamhost::audio
