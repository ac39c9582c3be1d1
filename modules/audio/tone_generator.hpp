#pragma once

#include "sound_format.hpp"

#include <cstdint>

namespace streamhost::audio {

/// The tone where nobody chose another.
inline constexpr double usual_tone_frequency = 440;  ///< Hz
inline constexpr double usual_tone_level = 0.5;

/// A sine that goes on without a step from block to block, the same in every channel. One thread at a time.
class tone_generator {
public:
    /// `frequency` in Hz, below half the rate. `level`: amplitude, 1 is full scale.
    tone_generator(const sound_format& format, double frequency, double level)
        : format_(format), frequency_(frequency), level_(level) {}

    /// The next `frames` frames.
    audio_block next(std::int64_t frames);

private:
    double value(std::int64_t frame) const;

    sound_format format_;
    double frequency_;
    double level_;
    std::int64_t position_ = 0;  ///< frames made so far
};

}  // namespace streamhost::audio
