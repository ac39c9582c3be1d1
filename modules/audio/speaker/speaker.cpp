#include "speaker.hpp"

#include "machine_devices.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;

/// How long sound waits for a device that is being opened for the first time.
constexpr auto opening_limit = 2s;
/// How long the end of the sound may take to be played: less than the host's own limit.
constexpr auto play_out_limit = 4s;
constexpr auto room_period = 5ms;
constexpr duration first_retry = 1s;
constexpr duration longest_retry = 30s;

constexpr const char* meanwhile = "silence is played at the pace of the sound";

}  // namespace

module_info speaker::describe() { return describe_as<speaker>(); }

speaker::speaker(module_context& host, speaker_settings chosen)
    : speaker(host, std::move(chosen), std::make_unique<machine_devices>(host)) {}

speaker::speaker(module_context& host, speaker_settings chosen, std::unique_ptr<sound_devices> devices)
    : host_(host),
      chosen_(std::move(chosen)),
      audio_(host.input<audio_block>("audio")),
      count_played_(host.metric("frames_played", "frames of sound that the device took")),
      count_silent_(host.metric("frames_silent", "frames of silence that were played because sound came too late")),
      count_underruns_(host.metric("underruns", "times that sound came too late")),
      count_unheard_(host.metric("frames_unheard", "frames that nobody heard for want of a device")),
      count_skipped_(host.metric("frames_skipped", "frames that were left out to end a needless delay")),
      count_losses_(host.metric("device_losses", "times that a playing device was lost")),
      held_ms_(host.metric("held_ms", "sound that waits to be played, in ms")),
      devices_(std::move(devices)),
      retry_delay_(first_retry),
      retry_(host.timers()) {}

speaker::~speaker() = default;

awaitable<void> speaker::run() {
    host_.spawn(watch_device());
    for (;;) {
        const auto block = co_await audio_.next();
        if (!block) break;
        if (block->samples.empty()) continue;
        co_await play(*block, steady_time(duration(block.arrived_ns())));
        look_at_counts();
    }
    co_await play_out();
}

awaitable<void> speaker::watch_device() {
    const executor lane = co_await asio::this_coro::executor;
    for (;;) {
        look_at_device();
        changed_.set();
        if (over_ && !run_) break;
        if (!over_ && format_ && !run_ && !retry_waits_) {
            const playback_request request{chosen_.device, *format_, chosen_.buffer};
            run_ = devices_->play(request, lane, [this] { device_changed_.set(); });
        }
        co_await device_changed_.wait();
    }
}

void speaker::look_at_device() {
    while (run_) {
        auto event = run_->take();
        if (!event) break;
        if (auto* const device = std::get_if<playing_device>(&*event)) {
            begin_playing(std::move(*device));
        } else {
            lose_device(std::get<device_failure>(*event));
        }
    }
    if (run_ && run_->ended()) run_.reset();
}

void speaker::begin_playing(playing_device device) {
    retry_delay_ = first_retry;
    buffer_ = std::move(device.buffer);
    silence_pace_.reset();
    host_.set_condition({});
    host_.log().info("playing on \"{}\" ({})", device.name, to_string(buffer_->format()));
    make_playout();
}

void speaker::lose_device(const device_failure& failure) {
    look_at_counts();
    begin_silence(in_words(failure));
    if (buffer_) {
        count_losses_.add();
        count_unheard_.add(buffer_->held());
        before_.played += buffer_->played();
        before_.silent += buffer_->silent();
        before_.underruns += buffer_->underruns();
    }
    if (playout_) skipped_before_ += playout_->skipped();
    playout_.reset();
    buffer_.reset();
    retry_waits_ = true;
    retry_.start_after(retry_delay_, [this] {
        retry_waits_ = false;
        device_changed_.set();
    });
    retry_delay_ = std::min(retry_delay_ * 2, longest_retry);
}

void speaker::begin_silence(std::string_view reason) {
    waits_for_first_ = false;
    host_.set_condition(fmt::format("no sound: {}; {}", reason, meanwhile));
}

void speaker::make_playout() {
    if (playout_) skipped_before_ += playout_->skipped();
    playout_.reset();
    drift_told_ = false;
    if (!sound_converter::takes(*format_, buffer_->format())) {
        begin_silence(fmt::format("{} cannot become {}", to_string(*format_), to_string(buffer_->format())));
        return;
    }
    if (*format_ != buffer_->format()) host_.log().info("{} is converted", to_string(*format_));
    playout_.emplace(*format_, buffer_);
}

awaitable<void> speaker::wait_for_first_device() {
    const auto limit = host_.clock().now() + opening_limit;
    while (waits_for_first_ && !buffer_ && host_.clock().now() < limit) {
        co_await wait_for_change(limit - host_.clock().now());
    }
    if (waits_for_first_ && !buffer_) begin_silence("the sound device does not answer");
    waits_for_first_ = false;
}

awaitable<void> speaker::take_format(sound_format format) {
    if (format_ == format) co_return;
    while (playout_ && !playout_->flush()) co_await wait_for_change(room_period);
    format_ = format;
    silence_pace_.reset();
    if (buffer_) {
        host_.set_condition({});
        make_playout();
    }
    device_changed_.set();
}

awaitable<void> speaker::play(audio_block block, steady_time arrived) {
    co_await take_format(format_of(block));
    if (waits_for_first_) co_await wait_for_first_device();

    auto rest = block.samples.span();
    if (playout_) playout_->note_arrival(arrived, block.frames());
    while (!rest.empty()) {  // the device may come and go at each wait
        if (playout_) {
            rest = rest.subspan(playout_->feed(rest) * block.frame_bytes());
            if (rest.empty()) break;
            playout_->note_held_back();
            co_await wait_for_change(room_period);
            continue;
        }
        if (!silence_pace_) silence_pace_.emplace(block.rate);
        const auto pause = silence_pace_->until_due(host_.clock().now());
        if (pause <= duration::zero()) {
            const auto frames = rest.size() / block.frame_bytes();
            silence_pace_->sent(static_cast<std::int64_t>(frames));
            count_unheard_.add(frames);
            break;
        }
        co_await wait_for_change(pause);
    }
}

awaitable<void> speaker::play_out() {
    const auto limit = host_.clock().now() + play_out_limit;
    while (playout_ && host_.clock().now() < limit) {
        if (playout_->finish()) break;
        co_await wait_for_change(room_period);
    }
    over_ = true;
    if (run_) run_->stop(buffer_ != nullptr);
    while (run_ && host_.clock().now() < limit) co_await wait_for_change(limit - host_.clock().now());
    if (run_) host_.log().warn("the sound device hangs in a call and is left alone");
    if (buffer_) count_unheard_.add(buffer_->held());
    look_at_counts();
    run_.reset();
    device_changed_.set();
}

awaitable<void> speaker::wait_for_change(duration limit) {
    timer deadline(host_.timers());
    deadline.start_after(limit, [this] { changed_.set(); });
    co_await changed_.wait();
}

void speaker::look_at_counts() {
    const auto* const buffer = buffer_.get();
    count_played_.set(before_.played + (buffer != nullptr ? buffer->played() : 0));
    count_silent_.set(before_.silent + (buffer != nullptr ? buffer->silent() : 0));
    count_underruns_.set(before_.underruns + (buffer != nullptr ? buffer->underruns() : 0));
    count_skipped_.set(skipped_before_ + (playout_ ? playout_->skipped() : 0));
    held_ms_.set(buffer != nullptr ? buffer->held() * 1000 / static_cast<std::size_t>(buffer->format().rate) : 0);
    if (playout_ && playout_->speed() != 1 && !std::exchange(drift_told_, true)) {
        host_.log().info("the source's clock is {:+.0f} ppm off the device's: corrected", playout_->drift()->drift * 1e6);
    }
}

}  // namespace streamhost::audio
