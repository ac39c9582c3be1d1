#include "jitter_buffer.hpp"

#include <streamhost/assert.hpp>

#include <algorithm>

namespace streamhost::audio {
namespace {

/// Beyond twice the target there is room for two usual blocks, so that a short target does not cut them up.
constexpr std::size_t extra_frames = 2048;

/// Moments that the device's thread may be ahead of the lane.
constexpr std::size_t most_positions = 256;

void add(std::atomic<std::uint64_t>& count, std::size_t more) {
    count.store(count.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

}  // namespace

jitter_buffer::jitter_buffer(const sound_format& format, std::size_t target)
    : format_(format),
      target_(std::max<std::size_t>(target, 1)),
      limit_(2 * target_ + extra_frames),
      samples_(limit_ * format.frame_bytes()),
      positions_(most_positions) {}

void jitter_buffer::push(std::span<const std::byte> samples) {
    const auto pushed = samples_.push(samples.data(), samples.size());
    STREAMHOST_ASSERT(pushed == samples.size());
}

std::optional<jitter_buffer::position> jitter_buffer::next_position() {
    position next;
    if (!positions_.pop(next)) return std::nullopt;
    return next;
}

void jitter_buffer::pull(std::span<std::byte> into, steady_time now) {
    const bool finished = finished_.load(std::memory_order_acquire);
    const auto held = samples_.read_available() / format_.frame_bytes();
    if (filling_ && (held >= target_ || finished)) filling_ = false;
    std::size_t taken = 0;
    if (!filling_) {
        taken = samples_.pop(into.data(), std::min(into.size(), held * format_.frame_bytes()));
        begun_ = begun_ || taken > 0;
    }
    std::ranges::fill(into.subspan(taken), std::byte{0});  // silence in both formats
    const auto frames = into.size() / format_.frame_bytes();
    const auto sounding = taken / format_.frame_bytes();
    add(played_, sounding);
    if (begun_ && !finished) add(silent_, frames - sounding);
    if (!filling_ && sounding < frames && !finished) {
        if (begun_) add(underruns_, 1);
        filling_ = true;
    }
    const auto pulled = pulled_.load(std::memory_order_relaxed) + static_cast<std::int64_t>(frames);
    pulled_.store(pulled, std::memory_order_relaxed);
    positions_.push({now, pulled});  // where the lane is far behind it learns from the next ones
}

}  // namespace streamhost::audio
