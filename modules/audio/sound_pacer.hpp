#pragma once

#include <streamhost/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace streamhost::audio {

/// When the next block of a sound is due, so that in the long run exactly `rate` frames leave in a second. What is late
/// is made up for at once, so that nothing is lost, except after a pause of over a second: then the schedule begins anew.
/// Confined to one thread.
class sound_pacer {
public:
    static constexpr duration longest_lateness = std::chrono::seconds(1);

    explicit sound_pacer(int rate) : rate_(rate) {}

    /// How long to wait before the next block may leave: zero or less means now. The first one is due at once.
    duration until_due(steady_time now) {
        if (!begun_) begun_ = now;
        const auto late = now - due();
        if (late > longest_lateness) {
            begun_ = *begun_ + late;
            ++restarts_;
        }
        return due() - now;
    }

    void sent(std::int64_t frames) noexcept { frames_ += frames; }

    std::uint64_t restarts() const noexcept { return restarts_; }

private:
    /// Seconds and rest apart: a product of frames and nanoseconds would overflow within days.
    steady_time due() const {
        constexpr std::int64_t second_ns = 1'000'000'000;
        const auto seconds = std::chrono::seconds(frames_ / rate_);
        const auto rest = std::chrono::nanoseconds(frames_ % rate_ * second_ns / rate_);
        return *begun_ + seconds + rest;
    }

    std::int64_t rate_;
    std::int64_t frames_ = 0;
    std::optional<steady_time> begun_;
    std::uint64_t restarts_ = 0;
};

}  // namespace streamhost::audio
