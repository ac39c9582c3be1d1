#pragma once

#include "picture_file.hpp"

#include <streamhost/module.hpp>

#include <memory>
#include <string>

namespace streamhost::video {

struct file_sink_settings {
    std::string file;
    int fps = 30;
};

/// `video.file_sink`: records pictures in a file, as they are. Never writes over a file: one that is there already stays,
/// and the recording gets a number. While the disk takes nothing, pictures are dropped and counted, and a new file is tried
/// now and then. Pictures of another size begin a new file too.
class file_sink final : public module {
public:
    static module_info describe();
    static void check(const file_sink_settings& chosen);

    file_sink(module_context& host, file_sink_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    awaitable<void> record(const encoded_image& image, std::int64_t made_ns);
    bool belongs_to_file(const encoded_image& image, std::int64_t made_ns) const;
    awaitable<bool> open_next(const encoded_image& image, std::int64_t made_ns);
    awaitable<void> finish();
    void fail(error_code why);

    module_context& host_;
    file_sink_settings chosen_;
    input<encoded_image> images_;
    std::unique_ptr<picture_file> file_;  ///< none before the first picture, and while the disk takes nothing
    std::string name_;                    ///< of that file
    int number_ = 0;                      ///< of that file
    int width_ = 0;                       ///< of the pictures in it
    int height_ = 0;
    std::int64_t first_ns_ = 0;           ///< when its first picture was made
    std::int64_t last_ns_ = 0;            ///< from then to its last one
    steady_time next_try_;
    counter& count_written_;
    counter& count_bytes_;
    counter& count_dropped_;
    counter& count_files_;
    counter& count_errors_;
};

}  // namespace streamhost::video
