#include "playout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace streamhost::audio {
namespace {

constexpr auto steering_period = std::chrono::seconds(1);
constexpr double certainty = 3;            ///< standard errors by which the drift must lie outside of the dead band
constexpr double measured_most = 1000e-6;  ///< clocks that differ by more are broken, and nobody should hear it
constexpr double levelling_most = 100e-6;  ///< on top, to get the delay back to its target
constexpr double levelling_seconds = 60;
constexpr double mean_share = 0.02;  ///< of the newest value in the mean

/// What is held over the target for so long, without a break, is more delay than anybody needs.
constexpr auto surplus_period = std::chrono::seconds(5);
constexpr std::size_t smallest_surplus = 1024;  ///< frames

/// Sound is converted in pieces of no more than so many frames of the source.
constexpr std::size_t longest_piece = 1024;
/// What a resampler may give on top of its nominal output.
constexpr double spare_share = 1.01;
constexpr std::size_t spare_frames = 160;

}  // namespace

playout::playout(const sound_format& from, std::shared_ptr<jitter_buffer> to)
    : buffer_(std::move(to)),
      converter_(from, buffer_->format()),
      drift_(from.rate, buffer_->format().rate),
      ratio_(static_cast<double>(buffer_->format().rate) / from.rate),
      mean_held_(static_cast<double>(buffer_->target())),
      least_held_(std::numeric_limits<std::size_t>::max()) {
    // Half of the buffer always has room for one.
    const auto most = static_cast<double>(buffer_->limit() / 2 - spare_frames) / (ratio_ * spare_share);
    piece_ = std::clamp<std::size_t>(static_cast<std::size_t>(most), 1, longest_piece);
}

void playout::take_positions() {
    while (const auto position = buffer_->next_position()) drift_.add_device(position->at, position->frames);
}

void playout::note_arrival(steady_time at, std::size_t frames) {
    take_positions();
    const auto underruns = buffer_->underruns();
    if (underruns != underruns_seen_) {  // the source had stopped, or the way from it
        underruns_seen_ = underruns;
        drift_.reset_source();
        surplus_since_ = at;
        least_held_ = std::numeric_limits<std::size_t>::max();
    }
    drift_.add_arrival(at, static_cast<std::int64_t>(frames));
    const auto held = buffer_->held();
    mean_held_ += (static_cast<double>(held) - mean_held_) * mean_share;
    least_held_ = std::min(least_held_, held);
    if (at >= steer_due_) steer(at);
    look_for_surplus(at);
}

void playout::steer(steady_time now) {
    steer_due_ = now + steering_period;
    const auto measured = drift_.drift();
    if (!measured) return;
    const bool outside = std::abs(measured->drift) > dead_band;
    const bool surely = std::abs(measured->drift) - certainty * measured->error > dead_band;
    if (!converter_.resamples() && !surely) return;
    const double correction = outside ? std::clamp(measured->drift, -measured_most, measured_most) : 0;
    const double surplus = (mean_held_ - static_cast<double>(buffer_->target())) / buffer_->format().rate;
    const double levelling = std::clamp(surplus / levelling_seconds, -levelling_most, levelling_most);
    speed_ = 1 + correction + levelling;
}

void playout::look_for_surplus(steady_time now) {
    if (surplus_since_ == steady_time{}) surplus_since_ = now;
    if (now - surplus_since_ < surplus_period) return;
    surplus_since_ = now;
    const auto least = std::exchange(least_held_, std::numeric_limits<std::size_t>::max());
    if (least < buffer_->target() + smallest_surplus) return;
    const double surplus = static_cast<double>(least - buffer_->target()) / buffer_->format().rate;
    to_skip_ = static_cast<std::size_t>(surplus * converter_.from().rate);
}

void playout::note_held_back() {
    drift_.reset_source();
    surplus_since_ = {};
    least_held_ = std::numeric_limits<std::size_t>::max();
    to_skip_ = 0;
}

std::size_t playout::room_for(std::size_t frames) const {
    if (!converter_.resamples() && speed_ == 1) return frames;
    return static_cast<std::size_t>(static_cast<double>(frames) * ratio_ * spare_share) + spare_frames;
}

std::size_t playout::feed(std::span<const std::byte> samples) {
    const auto frame_bytes = converter_.from().frame_bytes();
    const auto frames = samples.size() / frame_bytes;
    std::size_t fed = std::min(to_skip_, frames);
    to_skip_ -= fed;
    skipped_ += fed;
    while (fed < frames) {
        const auto piece = std::min(frames - fed, piece_);
        if (buffer_->room() < room_for(piece)) break;
        buffer_->push(converter_.convert(samples.subspan(fed * frame_bytes, piece * frame_bytes), speed_));
        fed += piece;
    }
    return fed;
}

bool playout::flush() {
    if (buffer_->room() < buffer_->limit() / 2) return false;
    const auto rest = converter_.finish();
    const auto most = buffer_->room() * buffer_->format().frame_bytes();
    buffer_->push(std::span(rest).first(std::min(rest.size(), most)));
    return true;
}

bool playout::finish() {
    if (!flush()) return false;
    buffer_->finish();
    return true;
}

}  // namespace streamhost::audio
