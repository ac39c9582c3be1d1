#pragma once

#include "sound_format.hpp"

#include <boost/lockfree/spsc_queue.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace streamhost::audio {

/// Sound on its way from a device to whoever takes it. One thread puts it in and one takes it out; neither waits for the
/// other, and nothing is allocated after the construction. Where it is full, the newest sound is left out and counted.
class recording_buffer {
public:
    /// `limit` in frames.
    recording_buffer(const sound_format& format, std::size_t limit)
        : format_(format), samples_(limit * format.frame_bytes()) {}

    const sound_format& format() const noexcept { return format_; }

    // --- the device's end

    /// Whole frames.
    void push(std::span<const std::byte> samples) {
        const auto room = samples_.write_available() / format_.frame_bytes() * format_.frame_bytes();
        const auto taken = samples.size() < room ? samples.size() : room;
        samples_.push(samples.data(), taken);
        const auto lost = (samples.size() - taken) / format_.frame_bytes();
        if (lost > 0) lost_.fetch_add(lost, std::memory_order_relaxed);
        recorded_.fetch_add(static_cast<std::int64_t>(samples.size() / format_.frame_bytes()), std::memory_order_relaxed);
    }

    // --- the other end

    std::size_t held() const { return samples_.read_available() / format_.frame_bytes(); }  ///< frames
    /// Requires `frames <= held()`.
    std::vector<std::byte> pop(std::size_t frames) {
        std::vector<std::byte> taken(frames * format_.frame_bytes());
        samples_.pop(taken.data(), taken.size());
        return taken;
    }
    /// Frames since the last call.
    std::uint64_t take_lost() { return lost_.exchange(0, std::memory_order_relaxed); }
    /// Frames that the device has given so far.
    std::int64_t recorded() const noexcept { return recorded_.load(std::memory_order_relaxed); }

private:
    sound_format format_;
    boost::lockfree::spsc_queue<std::byte> samples_;
    std::atomic<std::uint64_t> lost_{0};
    std::atomic<std::int64_t> recorded_{0};
};

}  // namespace streamhost::audio
