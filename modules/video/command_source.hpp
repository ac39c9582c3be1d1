#pragma once

#include "jpeg_splitter.hpp"

#include <streamhost/module.hpp>
#include <streamhost/task_group.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace streamhost::video {

struct command_source_settings {
    std::vector<std::string> command;
};

/// `video.command`: JPEG pictures from the standard output of a program, passed through as they are. The program is
/// started again, with a back-off, whenever it ends; what it says on its standard error goes to the log.
class command_source final : public module {
public:
    /// How long no picture may come before the instance says so.
    static constexpr duration usual_silence = std::chrono::seconds(10);

    static module_info describe();

    command_source(module_context& host, command_source_settings chosen, duration silence = usual_silence);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    awaitable<std::string> run_program();
    awaitable<void> read_pictures();
    awaitable<void> read_errors();
    awaitable<void> await_end();
    awaitable<void> attend();
    awaitable<void> pass_on(shared_bytes picture);
    void expect_picture();
    void say_end(std::string text);

    module_context& host_;
    command_source_settings chosen_;
    duration silence_;
    output<encoded_image> images_;
    counter& count_started_;
    counter& count_passed_;
    counter& count_refused_;
    counter& count_skipped_bytes_;

    std::string last_end_;

    // The program of the moment.
    child_process program_;
    std::optional<int> status_;  // once it has ended
    bool output_ended_ = false;
    bool delivered_ = false;     // at least one picture
    std::uint64_t written_ = 0;  // bytes
    event changed_;  // the status, the output's end, or the host drains
    timer picture_due_;
    timer last_words_;
    std::optional<task_group> tasks_;  // last: they work with all of the above
};

}  // namespace streamhost::video
