#pragma once

#include "resampler.hpp"
#include "sound_format.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace streamhost::audio {

/// Makes sound of one format from sound of another: width, channels and rate, and a little faster or slower where clocks
/// differ. What need not be changed is not touched: between equal formats at speed 1 every bit stays. One sound, block
/// after block; one thread at a time.
///
/// Channels: one becomes all others' first two; several become one as their mean; else the first ones are kept, and what
/// is missing is silence.
class sound_converter {
public:
    /// Requires `takes(from, to)`.
    sound_converter(const sound_format& from, const sound_format& to);

    /// Whether the rates are close enough to each other.
    static bool takes(const sound_format& from, const sound_format& to) noexcept;

    const sound_format& from() const noexcept { return from_; }
    const sound_format& to() const noexcept { return to_; }

    /// Whole frames. `speed`: how much faster than at its nominal rate the sound is to be played, close to 1. The first
    /// one that is not 1 begins to resample, without a step in the sound, and it is resampled from then on.
    std::vector<std::byte> convert(std::span<const std::byte> samples, double speed = 1);

    /// The end of the sound: what was held back.
    std::vector<std::byte> finish();

    bool resamples() const noexcept { return resampler_.has_value(); }

private:
    std::vector<float> to_channels(std::span<const std::byte> samples) const;
    std::vector<std::byte> to_bytes(std::vector<float> samples) const;
    void remember(std::span<const std::byte> samples);
    void begin_resampling();
    double ratio() const noexcept { return static_cast<double>(to_.rate) / from_.rate; }

    sound_format from_;
    sound_format to_;
    std::optional<resampler> resampler_;
    std::deque<std::byte> past_;      ///< the last frames, while nothing is resampled
    std::size_t frames_to_skip_ = 0;  ///< of what the resampler gives: they were played before it began
};

}  // namespace streamhost::audio
