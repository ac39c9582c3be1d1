#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/result.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace streamhost::video {

enum class file_format { mkv, avi, mp4 };

/// What a new video file has to know.
struct picture_file_options {
    file_format format = file_format::mkv;
    int width = 0;   ///< pixels
    int height = 0;  ///< pixels
    int fps = 30;    ///< the grid of times of an AVI file; the others store the time of each picture
};

/// A video file of JPEG pictures (motion JPEG), which are stored as they are. It can be played at any moment, also when its
/// writer was killed or the disk is full: nothing that a player needs is kept for the end. Times are kept to the
/// millisecond, in AVI to the picture rate. Blocks on the disk: meant for a worker pool; one thread at a time.
class picture_file {
public:
    /// Makes a new file, which nobody but the owner may write and only its group may read. Errors: the system's;
    /// `EEXIST` where there is one.
    static result<std::unique_ptr<picture_file>> create(const std::filesystem::path& path,
                                                        const picture_file_options& options);

    /// Ends the file as `finish` does, without a word about how that went.
    ~picture_file();
    picture_file(const picture_file&) = delete;
    picture_file& operator=(const picture_file&) = delete;

    /// Appends a picture. `at` is its time since the first one; one that is not later than the one before is stored as if
    /// it were by the smallest step. After an error (`ENOSPC`, say) the file ends with the last picture that is whole.
    result<void> write(std::span<const std::byte> jpeg, duration at);

    /// Writes what makes seeking fast. The file is of no further use for writing.
    result<void> finish();

    std::uint64_t size() const noexcept;  ///< bytes

private:
    struct muxer;
    explicit picture_file(std::unique_ptr<muxer> inner);

    std::unique_ptr<muxer> inner_;
};

}  // namespace streamhost::video
