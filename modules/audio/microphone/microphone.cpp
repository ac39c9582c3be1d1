#include "microphone.hpp"

#include "machine_devices.hpp"
#include "sound_pacer.hpp"
#include "tone_generator.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;

/// How long `auto` waits for the first sound of the default device.
constexpr duration probe_limit = 3s;
constexpr duration first_retry = 1s;
constexpr duration longest_retry = 30s;
/// How long a device may take to end; then it is left alone.
constexpr duration ending_limit = 1s;

}  // namespace

module_info microphone::describe() { return describe_as<microphone>(); }

microphone::microphone(module_context& host, microphone_settings chosen)
    : microphone(host, std::move(chosen), std::make_unique<machine_devices>(host)) {}

microphone::microphone(module_context& host, microphone_settings chosen, std::unique_ptr<sound_devices> devices)
    : host_(host),
      chosen_(std::move(chosen)),
      audio_(host.output<audio_block>("audio")),
      count_lost_(host.metric("frames_lost", "frames that the device gave faster than they could be sent")),
      count_losses_(host.metric("device_losses", "times that a recording device was lost")),
      count_restarts_(host.metric("schedule_restarts", schedule_restarts_help)),
      devices_(std::move(devices)),
      retry_delay_(first_retry) {}

microphone::~microphone() = default;

awaitable<void> microphone::run() {
    const drain_state::watch on_drain(host_.drain(), [this] { changed_.set(); });
    while (!host_.draining()) {
        const auto ending = co_await record();
        co_await retire_device();
        if (ending == outcome::draining) break;
        if (automatic() && !heard_) {
            co_await play_tone();
            break;
        }
        host_.set_condition(fmt::format("no sound: {}", problem_));
        const bool go_on = co_await host_.sleep_for(retry_delay_);
        if (!go_on) break;
        retry_delay_ = std::min(retry_delay_ * 2, longest_retry);
    }
}

awaitable<microphone::outcome> microphone::record() {
    if (hanging_ && !hanging_->ended()) {
        problem_ = "an earlier call of the sound device still hangs";
        co_return outcome::lost;
    }
    hanging_.reset();
    const executor lane = co_await asio::this_coro::executor;
    const recording_request request{automatic() ? "default" : chosen_.device, format(), chosen_.chunk_frames};
    run_ = devices_->record(request, lane, [this] { changed_.set(); });
    const auto limit = automatic() && !heard_ ? host_.clock().now() + probe_limit : steady_time::max();
    bool sounding = false;
    for (;;) {
        auto event = co_await next_event(sounding ? steady_time::max() : limit);
        if (!event) {
            if (host_.draining()) co_return outcome::draining;
            problem_ = fmt::format("the default device gives no sound within {} s", probe_limit / 1s);
            co_return outcome::lost;
        }
        if (const auto* const failure = std::get_if<device_failure>(&*event)) {
            problem_ = in_words(*failure);
            if (sounding) count_losses_.add();
            co_return outcome::lost;
        }
        if (const auto* const device = std::get_if<recording_device>(&*event)) {
            host_.log().info("recording from \"{}\" ({})", device->name, to_string(device->format));
            if (device->format != format()) host_.log().info("it is converted to {}", to_string(format()));
            continue;
        }
        if (!std::exchange(sounding, true)) host_.set_condition({});
        heard_ = true;
        retry_delay_ = first_retry;
        co_await send(std::get<recorded_sound>(std::move(*event)));
    }
}

awaitable<void> microphone::send(recorded_sound sound) {
    count_lost_.add(sound.lost);
    const auto age = host_.clock().now() - sound.taken;
    message_header stamps;
    stamps.steady_ns = sound.taken.time_since_epoch().count();
    stamps.wall_ns = host_.clock().wall_ns() - age.count();
    co_await audio_.send(std::move(sound.block), stamps);
}

awaitable<void> microphone::retire_device() {
    if (!run_) co_return;
    run_->stop(false);
    const auto limit = host_.clock().now() + ending_limit;
    while (!run_->ended() && host_.clock().now() < limit) co_await wait_for_change(limit);
    if (!run_->ended()) {
        host_.log().warn("the sound device hangs in a call and is left alone");
        hanging_ = std::move(run_);
    }
    run_.reset();
}

awaitable<void> microphone::play_tone() {
    host_.set_condition(fmt::format("a tone is heard instead of a microphone: {}", problem_));
    // Lower than half the rate, however low that is.
    const double frequency = std::min(usual_tone_frequency, chosen_.rate / 4.0);
    tone_generator tone(format(), frequency, usual_tone_level);
    sound_pacer pacer(chosen_.rate);
    for (;;) {
        const auto pause = pacer.until_due(host_.clock().now());
        count_restarts_.set(pacer.restarts());
        const bool go_on = co_await host_.sleep_for(pause);
        if (!go_on) break;
        auto block = tone.next(chosen_.chunk_frames);
        co_await audio_.send(std::move(block));
        pacer.sent(chosen_.chunk_frames);
    }
}

awaitable<std::optional<recording_event>> microphone::next_event(steady_time until) {
    for (;;) {
        if (host_.draining()) co_return std::nullopt;
        if (auto event = run_->take()) co_return event;
        if (host_.clock().now() >= until) co_return std::nullopt;
        co_await wait_for_change(until);
    }
}

awaitable<void> microphone::wait_for_change(steady_time until) {
    timer deadline(host_.timers());
    if (until != steady_time::max()) deadline.start(until, [this] { changed_.set(); });
    co_await changed_.wait();
}

}  // namespace streamhost::audio
