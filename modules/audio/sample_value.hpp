#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace streamhost::audio {

/// One sample between its two formats. From `s16` to `f32` and back is exact.
inline float to_f32(std::int16_t sample) noexcept { return static_cast<float>(sample) / 32768.0f; }

/// What is louder than full scale is clipped; what is no number is silence.
inline std::int16_t to_s16(float sample) noexcept {
    if (std::isnan(sample)) return 0;
    return static_cast<std::int16_t>(std::lrint(std::clamp(sample * 32768.0f, -32768.0f, 32767.0f)));
}

}  // namespace streamhost::audio
