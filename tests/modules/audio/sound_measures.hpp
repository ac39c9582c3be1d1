#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>

/// What tests measure in sound.
namespace streamhost::audio::test {

/// The longest run of frames of silence. A sound in which no two neighbours are silent has none longer than one.
inline std::size_t longest_silence(std::span<const std::byte> bytes, std::size_t frame_bytes) {
    std::size_t longest = 0, current = 0;
    for (std::size_t i = 0; i < bytes.size(); i += frame_bytes) {
        const auto frame = bytes.subspan(i, frame_bytes);
        current = std::ranges::all_of(frame, [](std::byte b) { return b == std::byte{0}; }) ? current + 1 : 0;
        longest = std::max(longest, current);
    }
    return longest;
}

/// The ratio of a computed sine to what differs from it, in dB, without the first and the last `skip` samples. The first
/// sample is that at the beginning of the sine.
inline double signal_to_noise(std::span<const float> samples, double frequency, int rate, double level, std::size_t skip) {
    double signal = 0, noise = 0;
    for (std::size_t i = skip; i < samples.size() - skip; ++i) {
        const double expected = level * std::sin(2 * std::numbers::pi * frequency * static_cast<double>(i) / rate);
        signal += expected * expected;
        noise += (samples[i] - expected) * (samples[i] - expected);
    }
    return 10 * std::log10(signal / noise);
}

}  // namespace streamhost::audio::test
