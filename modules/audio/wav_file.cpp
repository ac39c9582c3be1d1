#include "wav_file.hpp"

#include "wav_header.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace streamhost::audio {
namespace {

constexpr int most_numbers = 100'000;

std::filesystem::path numbered(const std::filesystem::path& path, int number) {
    if (number == 1) return path;
    auto name = path.stem();
    name += "-" + std::to_string(number);
    name += path.extension();
    return path.parent_path() / name;
}

/// Gives a file its name unless there is one of that name. False where there is.
bool rename_to_free(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
    if (errno == EEXIST) return false;
    if (errno != EINVAL && errno != ENOSYS) throw std::system_error(errno, std::generic_category(), to.string());
    std::error_code ignored;  // a file system that cannot refuse to replace: looked at first
    if (std::filesystem::symlink_status(to, ignored).type() != std::filesystem::file_type::not_found) return false;
    std::filesystem::rename(from, to);
    return true;
}

}  // namespace

wav_file::wav_file(const std::filesystem::path& path, const sound_format& format) : format_(format), path_(path) {
    // It gets its name once its header is there, so that no file without one is ever seen.
    auto unfinished = path;
    unfinished += "." + std::to_string(::getpid());
    file_ = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file_ < 0) fail("cannot make it");
    try {
        const auto header = wav_header(format_, 0);
        data_start_ = header.size();
        write(header, 0);
        int number = 1;
        while (!rename_to_free(unfinished, numbered(path, number))) {
            if (++number > most_numbers) throw std::system_error(EEXIST, std::generic_category(), path.string());
        }
        path_ = numbered(path, number);
    } catch (...) {
        ::close(file_);
        ::unlink(unfinished.c_str());
        throw;
    }
}

wav_file::~wav_file() { ::close(file_); }

void wav_file::append(std::span<const std::byte> samples) {
    write(samples, data_start_ + data_bytes_);
    data_bytes_ += samples.size();
}

void wav_file::update_header() { write(wav_header(format_, data_bytes_), 0); }

void wav_file::write(std::span<const std::byte> bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const auto count = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) fail("cannot write to it");
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
}

void wav_file::fail(const std::string& what) const {
    throw std::system_error(errno, std::generic_category(), path_.string() + ": " + what);
}

}  // namespace streamhost::audio
