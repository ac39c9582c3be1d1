#pragma once

#include "sound_format.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace streamhost::audio {

/// A WAV file in the making that is valid at every moment: a program that is killed leaves all that was appended. Each
/// append writes the samples first and then the header, which thus never claims what is not there. One thread at a time.
/// Failures are thrown as `std::system_error` with the path.
class wav_file {
public:
    /// Makes a file that was not there before: `path`, or the first free one of `stem-2.ext`, `stem-3.ext`, ...
    wav_file(const std::filesystem::path& path, const sound_format& format);
    ~wav_file();
    wav_file(const wav_file&) = delete;
    wav_file& operator=(const wav_file&) = delete;

    /// Whole frames of the file's format.
    void append(std::span<const std::byte> samples);
    /// Makes the header count what was appended since the last call.
    void update_header();

    const std::filesystem::path& path() const noexcept { return path_; }
    const sound_format& format() const noexcept { return format_; }
    std::uint64_t frames() const noexcept { return data_bytes_ / format_.frame_bytes(); }

private:
    void write(std::span<const std::byte> bytes, std::uint64_t offset);
    [[noreturn]] void fail(const std::string& what) const;

    sound_format format_;
    std::filesystem::path path_;
    int file_ = -1;
    std::uint64_t data_start_ = 0;
    std::uint64_t data_bytes_ = 0;
};

}  // namespace streamhost::audio
