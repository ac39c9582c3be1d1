#include "command_source.hpp"

#include "jpeg_header.hpp"
#include "shown_name.hpp"

#include <boost/asio/this_coro.hpp>

#include <fmt/ranges.h>

#include <array>
#include <string_view>

namespace streamhost::video {
namespace {

constexpr auto first_delay = std::chrono::milliseconds(500);
constexpr auto longest_delay = std::chrono::seconds(30);

/// For a program to end by itself once its output has, and after SIGTERM.
constexpr auto grace = std::chrono::seconds(2);

/// For what an ended program has left in its pipes. What it started may hold them open for ever.
constexpr auto leftovers = std::chrono::seconds(1);

/// What a pipe holds, so that one turn of the lane empties it.
constexpr std::size_t read_size = 64 * 1024;

struct known_program {
    std::string_view name;
    std::string_view advice;
};
constexpr std::array known_programs{
    known_program{"rpicam-vid", "on a Raspberry Pi: sudo apt install rpicam-apps"},
    known_program{"libcamera-vid", "on a Raspberry Pi: sudo apt install rpicam-apps, where it is called rpicam-vid"},
    known_program{"ffmpeg", "on Debian: sudo apt install ffmpeg"},
    known_program{"gst-launch-1.0", "on Debian: sudo apt install gstreamer1.0-tools"},
};

std::string_view advice_for(std::string_view program) {
    for (const auto& known : known_programs) {
        if (known.name == program) return known.advice;
    }
    return "install it, or give its whole path";
}

void require_program(const std::string& program) {
    auto why = why_not_startable(program);
    if (why.empty()) return;
    if (program.find('/') == program.npos) why += fmt::format("; {}", advice_for(program));
    throw configuration_error(fmt::format("{}: {}", program, why));
}

std::string ended_text(int status, std::uint64_t bytes_for_nothing) {
    auto text = "the program " + describe_end(status);
    if (bytes_for_nothing > 0) text += fmt::format(", having written {} bytes that are no JPEG picture", bytes_for_nothing);
    return text;
}

}  // namespace

module_info command_source::describe() {
    return streamhost::describe<command_source, command_source_settings>(
               "video.command", "JPEG pictures from the standard output of a program, passed on as they are")
        .setting("command", &command_source_settings::command,
                 "the program and its arguments, without a shell; it is started again whenever it ends").required()
        .output<encoded_image>("images", "the pictures, with the time when each was complete")
        .capture();
}

command_source::command_source(module_context& host, command_source_settings chosen, duration silence)
    : host_(host),
      chosen_(std::move(chosen)),
      silence_(silence),
      images_(host.output<encoded_image>("images")),
      count_started_(host.metric("program_starts", "times that the program was started")),
      count_passed_(host.metric("pictures_received", "pictures that the program made")),
      count_refused_(host.metric("pictures_refused", "pictures that were damaged, or beyond the limits")),
      count_skipped_bytes_(host.metric("bytes_skipped", "bytes of the program that belong to no picture")),
      picture_due_(host.timers()),
      last_words_(host.timers()) {}

awaitable<void> command_source::prepare() {
    require_program(chosen_.command.front());
    co_return;
}

awaitable<void> command_source::run() {
    backoff delay(first_delay, longest_delay);
    while (!host_.draining()) {
        std::string ending;
        delivered_ = false;
        auto started = host_.children().start(chosen_.command);
        if (started) {
            program_ = std::move(*started);
            ending = co_await run_program();
        } else {
            ending = fmt::format("the program cannot be started: {}", started.error().message());
        }
        if (host_.draining()) break;
        if (delivered_) delay.reset();
        say_end(ending + "; starting it again");
        const bool go_on = co_await host_.sleep_for(delay.next(host_.random()));
        if (!go_on) break;
    }
}

void command_source::say_end(std::string text) {
    // A condition is logged when it changes, an end each time.
    if (text == last_end_) host_.log().warn("{}", text);
    host_.set_condition(text);
    last_end_ = std::move(text);
}

awaitable<std::string> command_source::run_program() {
    count_started_.add();
    std::vector<std::string> shown;
    for (const auto& word : chosen_.command) shown.push_back(shown_name(word));
    host_.log().info("process {}: {}", program_.pid(), fmt::join(shown, " "));
    status_.reset();
    output_ended_ = false;
    written_ = 0;
    expect_picture();
    const auto on = co_await asio::this_coro::executor;
    tasks_.emplace(on);
    tasks_->spawn(read_pictures());
    tasks_->spawn(read_errors());
    tasks_->spawn(await_end());
    tasks_->spawn(attend());
    co_await tasks_->join();
    picture_due_.stop();
    last_words_.stop();
    program_ = {};
    co_return ended_text(status_.value_or(-1), delivered_ ? 0 : written_);
}

awaitable<void> command_source::read_pictures() {
    jpeg_splitter splitter;
    std::vector<std::byte> buffer(read_size);
    std::uint64_t counted = 0;
    const auto count_skipped = [&] {
        count_skipped_bytes_.add(splitter.skipped_bytes() - std::exchange(counted, splitter.skipped_bytes()));
    };
    for (;;) {
        const auto count = co_await program_.output().read_some(buffer);
        if (!count) break;
        written_ += *count;
        auto bytes = std::span<const std::byte>(buffer).first(*count);
        while (auto picture = splitter.next(bytes)) co_await pass_on(std::move(*picture));
        count_skipped();
    }
    splitter.finish();
    count_skipped();
    output_ended_ = true;
    changed_.set();
}

awaitable<void> command_source::pass_on(shared_bytes picture) {
    const auto info = scan_jpeg(picture.span());
    if (!info) {
        count_refused_.add();
        host_.log().warn("a picture of {} bytes is dropped: {}", picture.size(), info.error().message());
        co_return;
    }
    count_passed_.add();
    delivered_ = true;
    host_.set_condition({});
    expect_picture();
    encoded_image image{info->width, info->height, image_codec::jpeg, std::move(picture)};
    co_await images_.send(std::move(image));
}

void command_source::expect_picture() {
    picture_due_.start_after(silence_, [this] {
        host_.set_condition(fmt::format("no picture for {:g} s", std::chrono::duration<double>(silence_).count()));
    });
}

awaitable<void> command_source::read_errors() {
    for (;;) {
        const auto line = co_await program_.error_line();
        if (!line) break;
        if (!line->empty()) host_.log().info("{}", *line);
    }
}

awaitable<void> command_source::await_end() {
    status_ = co_await program_.wait();
    changed_.set();
}

/// Sees to it that the program ends, and its readers with it.
awaitable<void> command_source::attend() {
    const drain_state::watch on_drain(host_.drain(), [this] { changed_.set(); });
    bool overdue = false;
    timer end_due(host_.timers());
    while (!status_ && !overdue && !host_.draining()) {
        co_await changed_.wait();
        if (!output_ended_) continue;
        end_due.start_after(grace, [this, &overdue] {
            overdue = true;
            changed_.set();
        });
    }
    if (!status_) co_await program_.stop(grace);
    last_words_.start_after(leftovers, [this] { tasks_->terminate(); });
}

}  // namespace streamhost::video
