#include "sound_converter.hpp"

#include "sample_value.hpp"

#include <algorithm>
#include <cstring>

namespace streamhost::audio {
namespace {

/// How much of the past a resampler that begins in the middle of a sound is given, so that it knows what came before.
constexpr std::size_t past_frames = 4 * resampler::reach;

std::vector<float> as_floats(std::span<const std::byte> samples, sample_format format) {
    std::vector<float> floats(samples.size() / static_cast<std::size_t>(bytes_per_sample(format)));
    if (format == sample_format::f32) {
        std::ranges::copy(samples, std::as_writable_bytes(std::span(floats)).begin());
        return floats;
    }
    for (std::size_t i = 0; i < floats.size(); ++i) {
        std::int16_t value = 0;
        std::memcpy(&value, samples.data() + i * sizeof value, sizeof value);
        floats[i] = to_f32(value);
    }
    return floats;
}

std::vector<float> mapped(const std::vector<float>& in, std::size_t from, std::size_t to) {
    const auto frames = in.size() / from;
    std::vector<float> out(frames * to);
    for (std::size_t i = 0; i < frames; ++i) {
        const std::span<const float> source(in.data() + i * from, from);
        const std::span<float> target(out.data() + i * to, to);
        if (from == 1) {
            std::ranges::fill(target.first(std::min<std::size_t>(to, 2)), source[0]);
        } else if (to == 1) {
            float sum = 0;
            for (const float each : source) sum += each;
            target[0] = sum / static_cast<float>(from);
        } else {
            std::ranges::copy(source.first(std::min(from, to)), target.begin());
        }
    }
    return out;
}

std::vector<std::byte> copied(std::span<const std::byte> bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

bool sound_converter::takes(const sound_format& from, const sound_format& to) noexcept {
    const double ratio = static_cast<double>(to.rate) / from.rate;
    constexpr double most_speed = 1.01;
    return resampler::takes(ratio / most_speed) && resampler::takes(ratio * most_speed);
}

sound_converter::sound_converter(const sound_format& from, const sound_format& to) : from_(from), to_(to) {
    if (from.rate != to.rate) resampler_.emplace(to.channels);
}

std::vector<float> sound_converter::to_channels(std::span<const std::byte> samples) const {
    auto floats = as_floats(samples, from_.samples);
    if (from_.channels == to_.channels) return floats;
    return mapped(floats, static_cast<std::size_t>(from_.channels), static_cast<std::size_t>(to_.channels));
}

std::vector<std::byte> sound_converter::to_bytes(std::vector<float> samples) const {
    if (to_.samples == sample_format::f32) return copied(std::as_bytes(std::span(samples)));
    std::vector<std::int16_t> rounded(samples.size());
    std::ranges::transform(samples, rounded.begin(), to_s16);
    return copied(std::as_bytes(std::span(rounded)));
}

void sound_converter::remember(std::span<const std::byte> samples) {
    const auto most = past_frames * from_.frame_bytes();
    const auto kept = samples.last(std::min(samples.size(), most));
    past_.insert(past_.end(), kept.begin(), kept.end());
    if (past_.size() > most) past_.erase(past_.begin(), past_.end() - static_cast<std::ptrdiff_t>(most));
}

void sound_converter::begin_resampling() {
    resampler_.emplace(to_.channels);
    const std::vector<std::byte> past(past_.begin(), past_.end());
    past_.clear();
    const auto given = to_channels(past);
    const auto channels = static_cast<std::size_t>(to_.channels);
    const auto made = resampler_->process(given, 1.0).size() / channels;
    frames_to_skip_ = given.size() / channels - made;
}

std::vector<std::byte> sound_converter::convert(std::span<const std::byte> samples, double speed) {
    if (!resampler_ && speed == 1) {
        remember(samples);
        return from_ == to_ ? copied(samples) : to_bytes(to_channels(samples));
    }
    if (!resampler_) begin_resampling();
    auto result = resampler_->process(to_channels(samples), ratio() / speed);
    const auto channels = static_cast<std::size_t>(to_.channels);
    const auto skipped = std::min(frames_to_skip_, result.size() / channels);
    frames_to_skip_ -= skipped;
    result.erase(result.begin(), result.begin() + static_cast<std::ptrdiff_t>(skipped * channels));
    return to_bytes(std::move(result));
}

std::vector<std::byte> sound_converter::finish() {
    if (!resampler_) return {};
    return to_bytes(resampler_->finish(ratio()));
}

}  // namespace streamhost::audio
