#pragma once

#include "sound_format.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace streamhost::audio {

/// What stands before the samples of a WAV file that holds `data_bytes` of them: RIFF/WAVE ("Multimedia Programming
/// Interface and Data Specifications 1.0", IBM and Microsoft 1991), for float samples and for more than two channels
/// with the later format chunks of Microsoft. Above 4 GiB it says RF64 (EBU Tech 3306), which needs no more room: the
/// header of one format always has one size, so that it can be written anew in its place.
std::vector<std::byte> wav_header(const sound_format& format, std::uint64_t data_bytes);

}  // namespace streamhost::audio
