#pragma once

#include "wav_file.hpp"

#include <streamhost/module.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace streamhost::audio {

struct file_sink_settings {
    std::string file;
};

/// `audio.file_sink`: sound into WAV files. The files are written on a worker thread; while that takes its time, sound is
/// collected up to a limit, and then the link's own policy decides.
class file_sink final : public module {
public:
    static module_info describe();

    file_sink(module_context& host, file_sink_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    using blocks = std::vector<message<audio_block>>;

    awaitable<void> collect();
    /// Returns how many files it began.
    std::uint64_t write(const blocks& batch);

    module_context& host_;
    file_sink_settings chosen_;
    input<audio_block> audio_;
    counter& count_frames_;
    counter& count_files_;
    std::unique_ptr<wav_file> file_;  // used by one worker at a time
    blocks waiting_;
    std::size_t waiting_bytes_ = 0;
    bool ended_ = false;
    event came_;
    event went_;
};

}  // namespace streamhost::audio
