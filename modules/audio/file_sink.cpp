#include "file_sink.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace streamhost::audio {
namespace {

/// Collected while the disk is busy: 20 s of stereo at 48 kHz.
constexpr std::size_t most_waiting_bytes = 4 * 1024 * 1024;

}  // namespace

module_info file_sink::describe() {
    return streamhost::describe<file_sink, file_sink_settings>("audio.file_sink",
                                                               "Writes sound to WAV files that are valid at every moment")
        .setting("file", &file_sink_settings::file,
                 "path of the WAV file; where it exists already, and for each change of the format, a number is put "
                 "behind its name: `sound-2.wav`")
            .required().exclusive()
        .input<audio_block>("audio", "sound of any format");
}

file_sink::file_sink(module_context& host, file_sink_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      audio_(host.input<audio_block>("audio")),
      count_frames_(host.metric("frames_written", "frames in the files")),
      count_files_(host.metric("files_made", "files that were begun")) {}

awaitable<void> file_sink::prepare() {
    const std::filesystem::path path = chosen_.file;
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    if (!path.has_filename() || std::filesystem::is_directory(path)) {
        throw configuration_error("file " + chosen_.file + ": expected the name of a file, this is a folder");
    }
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        throw configuration_error("file " + chosen_.file + ": cannot write to its folder: " +
                                  std::generic_category().message(errno));
    }
    co_return;
}

awaitable<void> file_sink::collect() {
    for (;;) {
        while (waiting_bytes_ >= most_waiting_bytes) co_await went_.wait();
        auto block = co_await audio_.next();
        if (!block) break;
        waiting_bytes_ += block->samples.size();
        waiting_.push_back(std::move(block));
        came_.set();
    }
    ended_ = true;
    came_.set();
}

std::uint64_t file_sink::write(const blocks& batch) {
    std::uint64_t files = 0;
    for (const auto& block : batch) {
        const auto format = format_of(*block);
        if (!file_ || file_->format() != format) {
            if (file_) file_->update_header();
            file_ = std::make_unique<wav_file>(chosen_.file, format);
            ++files;
            host_.log().info("writing {} ({})", file_->path().string(), to_string(format));
        }
        file_->append(block->samples.span());
    }
    file_->update_header();
    return files;
}

awaitable<void> file_sink::run() {
    host_.spawn(collect());
    while (!ended_ || !waiting_.empty()) {
        if (waiting_.empty()) {
            co_await came_.wait();
            continue;
        }
        const auto batch = std::exchange(waiting_, {});
        waiting_bytes_ = 0;
        went_.set();
        const auto work = [&] { return write(batch); };
        const auto files = co_await host_.blocking(work);
        count_files_.add(files);
        std::uint64_t frames = 0;
        for (const auto& block : batch) frames += block->frames();
        count_frames_.add(frames);
    }
    if (file_) host_.log().info("{} has {} frames", file_->path().string(), file_->frames());
}

}  // namespace streamhost::audio
