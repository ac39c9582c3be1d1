#include "tone_generator.hpp"

#include "sample_value.hpp"

#include <cmath>
#include <numbers>

namespace streamhost::audio {
namespace {

template <class Sample, class Value>
std::vector<Sample> interleave(std::int64_t frames, int channels, Value value) {
    std::vector<Sample> samples;
    samples.reserve(static_cast<std::size_t>(frames) * static_cast<std::size_t>(channels));
    for (std::int64_t i = 0; i < frames; ++i) samples.insert(samples.end(), static_cast<std::size_t>(channels), value(i));
    return samples;
}

}  // namespace

double tone_generator::value(std::int64_t frame) const {
    // In turns of the circle; seconds and rest apart, so that the phase is as exact after a year as at the start.
    const auto seconds = static_cast<double>(frame / format_.rate);
    const auto rest = static_cast<double>(frame % format_.rate) / format_.rate;
    const double turns = std::fmod(frequency_ * seconds, 1.0) + frequency_ * rest;
    return level_ * std::sin(2 * std::numbers::pi * turns);
}

audio_block tone_generator::next(std::int64_t frames) {
    const auto first = position_;
    position_ += frames;
    if (format_.samples == sample_format::f32) {
        const auto sample = [&](std::int64_t i) { return static_cast<float>(value(first + i)); };
        return make_block(format_, interleave<float>(frames, format_.channels, sample));
    }
    const auto sample = [&](std::int64_t i) { return to_s16(static_cast<float>(value(first + i))); };
    return make_block(format_, interleave<std::int16_t>(frames, format_.channels, sample));
}

}  // namespace streamhost::audio
