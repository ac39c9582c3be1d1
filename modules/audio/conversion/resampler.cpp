#include "resampler.hpp"

#include <streamhost/assert.hpp>

#include <cmath>
#include <new>
#include <stdexcept>
#include <string>

namespace streamhost::audio {

resampler::resampler(int channels) : channels_(static_cast<std::size_t>(channels)) {
    int error = 0;
    state_.reset(::src_new(SRC_SINC_MEDIUM_QUALITY, channels, &error));
    if (!state_) throw std::bad_alloc();
}

std::vector<float> resampler::process(std::span<const float> input, double ratio) { return run(input, ratio, false); }

std::vector<float> resampler::finish(double ratio) {
    constexpr float nothing[1] = {};  // without an address libsamplerate does not look at the end either
    return run(std::span(nothing).first<0>(), ratio, true);
}

std::vector<float> resampler::run(std::span<const float> input, double ratio, bool last) {
    STREAMHOST_ASSERT(takes(ratio));
    constexpr std::size_t spare_frames = 64;  // for what an earlier call held back
    std::vector<float> output;
    std::size_t frames_left = input.size() / channels_;
    std::size_t frames_done = 0;
    for (;;) {
        const auto expected = static_cast<std::size_t>(std::ceil(static_cast<double>(frames_left) * ratio)) + spare_frames;
        output.resize((frames_done + expected) * channels_);
        SRC_DATA data{};
        data.data_in = input.data();
        data.input_frames = static_cast<long>(frames_left);
        data.data_out = output.data() + frames_done * channels_;
        data.output_frames = static_cast<long>(expected);
        data.end_of_input = last ? 1 : 0;
        data.src_ratio = ratio;
        const int error = ::src_process(state_.get(), &data);
        if (error != 0) throw std::runtime_error(std::string("libsamplerate: ") + ::src_strerror(error));
        const auto used = static_cast<std::size_t>(data.input_frames_used);
        const auto made = static_cast<std::size_t>(data.output_frames_gen);
        input = input.subspan(used * channels_);
        frames_left -= used;
        frames_done += made;
        if (frames_left == 0 && made < expected) break;
        STREAMHOST_ASSERT(used > 0 || made > 0);
    }
    output.resize(frames_done * channels_);
    return output;
}

}  // namespace streamhost::audio
