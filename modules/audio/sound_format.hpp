#pragma once

#include <streamhost/media.hpp>

#include <fmt/format.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace streamhost::audio {

static_assert(std::endian::native == std::endian::little, "samples are little endian everywhere, and never swapped here");

/// What two blocks of sound must have in common to follow each other without conversion.
struct sound_format {
    int rate = 44100;  ///< frames per second
    int channels = 2;  ///< samples per frame
    sample_format samples = sample_format::s16;

    std::size_t frame_bytes() const noexcept { return static_cast<std::size_t>(channels * bytes_per_sample(samples)); }
    friend bool operator==(const sound_format&, const sound_format&) = default;
};

inline sound_format format_of(const audio_block& block) noexcept { return {block.rate, block.channels, block.format}; }

/// "44100 Hz, 2 channels, s16"
inline std::string to_string(const sound_format& format) {
    return fmt::format("{} Hz, {} channel{}, {}", format.rate, format.channels, format.channels == 1 ? "" : "s",
                       format.samples == sample_format::f32 ? "f32" : "s16");
}

/// A block of samples that are already in the format. `Sample` is `std::int16_t`, `float` or `std::byte`.
template <class Sample>
audio_block make_block(const sound_format& format, std::vector<Sample> samples) {
    return {format.rate, format.channels, format.samples, shared_bytes::adopt(std::move(samples))};
}

}  // namespace streamhost::audio
