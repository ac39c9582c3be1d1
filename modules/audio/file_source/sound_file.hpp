#pragma once

#include "sound_format.hpp"

#include <sndfile.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace streamhost::audio {

/// A sound file that is read from its start to its end, by libsndfile: WAV, FLAC, Ogg and what else that knows. One
/// thread at a time. Calls block on the disk.
class sound_file {
public:
    /// Samples come as `wanted`, else as `s16` where that loses nothing and as `f32` where it would. Throws
    /// `configuration_error` with path and cause.
    explicit sound_file(const std::string& path, std::optional<sample_format> wanted = std::nullopt);

    const sound_format& format() const noexcept { return format_; }
    /// "FLAC, 44100 Hz, 2 channels, s16, 10.0 s": for the log.
    std::string describe() const;

    /// The next `most` frames, fewer at the end, none behind it.
    audio_block read(int most);

    void rewind();

    /// What libsndfile has to say about the last reading; empty where all was well.
    std::string problem() const;

private:
    struct closer {
        void operator()(SNDFILE* file) const noexcept { ::sf_close(file); }
    };

    template <class Sample, class Read>
    std::vector<Sample> read_samples(int most, Read read);

    SF_INFO info_{};
    std::unique_ptr<SNDFILE, closer> file_;
    sound_format format_;
};

}  // namespace streamhost::audio
