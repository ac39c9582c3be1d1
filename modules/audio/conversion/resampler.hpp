#pragma once

#include <samplerate.h>

#include <memory>
#include <span>
#include <vector>

namespace streamhost::audio {

/// Changes the rate of a sound that goes on from call to call, by libsamplerate: band-limited interpolation (J. O. Smith,
/// "Digital Audio Resampling") with a signal-to-noise ratio of 121 dB. One thread at a time.
class resampler {
public:
    /// Frames of the input that a result reaches beyond its own moment, at ratios of 1 and above.
    static constexpr std::size_t reach = 64;

    explicit resampler(int channels);

    static bool takes(double ratio) noexcept { return ::src_is_valid_ratio(ratio) != 0; }

    /// Interleaved samples, whole frames. `ratio`: frames that come out for each one that goes in; a change of it takes
    /// effect gradually. What comes out lags behind by the reach.
    std::vector<float> process(std::span<const float> input, double ratio);
    /// What was still held back. The sound has ended.
    std::vector<float> finish(double ratio);

private:
    struct deleter {
        void operator()(SRC_STATE* state) const noexcept { ::src_delete(state); }
    };

    std::vector<float> run(std::span<const float> input, double ratio, bool last);

    std::size_t channels_;
    std::unique_ptr<SRC_STATE, deleter> state_;
};

}  // namespace streamhost::audio
