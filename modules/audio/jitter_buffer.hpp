#pragma once

#include "rate_meter.hpp"
#include "sound_format.hpp"

#include <boost/lockfree/spsc_queue.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace streamhost::audio {

/// Sound between a lane, which feeds it as it comes, and a device, which takes it at its own pace: so much is held that
/// what comes late comes in time. Where it does not, the device gets silence until as much is held again. One thread
/// feeds and one takes; neither waits for the other, and nothing is allocated after the construction.
class jitter_buffer {
public:
    /// `target`: frames that are held before the first one is played. Up to `limit()` are taken.
    jitter_buffer(const sound_format& format, std::size_t target);

    const sound_format& format() const noexcept { return format_; }
    std::size_t target() const noexcept { return target_; }
    std::size_t limit() const noexcept { return limit_; }

    // --- the lane's end

    std::size_t room() const noexcept { return samples_.write_available() / format_.frame_bytes(); }  ///< frames
    std::size_t held() const noexcept { return limit_ - room(); }                                     ///< frames
    /// Whole frames, no more than `room()`.
    void push(std::span<const std::byte> samples);
    /// Nothing more will come: what is held is played even if it is less than the target.
    void finish() noexcept { finished_.store(true, std::memory_order_release); }

    /// When the device had taken how much, silence included; nothing where nothing is new.
    struct position {
        steady_time at;
        std::int64_t frames = 0;
    };
    std::optional<position> next_position();

    // --- the device's end

    /// Fills all of `into`, whole frames.
    void pull(std::span<std::byte> into, steady_time now);

    // --- any thread

    std::uint64_t played() const noexcept { return played_.load(std::memory_order_relaxed); }        ///< frames of sound
    std::uint64_t silent() const noexcept { return silent_.load(std::memory_order_relaxed); }        ///< frames, after the first sound
    std::uint64_t underruns() const noexcept { return underruns_.load(std::memory_order_relaxed); }
    /// Frames that the device has asked for so far.
    std::int64_t pulled() const noexcept { return pulled_.load(std::memory_order_relaxed); }

private:
    sound_format format_;
    std::size_t target_;
    std::size_t limit_;
    boost::lockfree::spsc_queue<std::byte> samples_;
    boost::lockfree::spsc_queue<position> positions_;
    std::atomic<bool> finished_{false};
    bool filling_ = true;  ///< the device's thread only, as the next
    bool begun_ = false;
    std::atomic<std::uint64_t> played_{0};
    std::atomic<std::uint64_t> silent_{0};
    std::atomic<std::uint64_t> underruns_{0};
    std::atomic<std::int64_t> pulled_{0};
};

}  // namespace streamhost::audio
