#include "device_lines.hpp"

#include <streamhost/module_info.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace streamhost::sensor {
namespace {

constexpr auto first_delay = std::chrono::milliseconds(250);
constexpr auto longest_delay = std::chrono::seconds(5);

/// A device that takes nothing for that long is as good as away.
constexpr auto write_limit = std::chrono::seconds(5);

/// For what is still to be written when the host drains.
constexpr auto farewell = std::chrono::seconds(1);

constexpr std::size_t read_size = 4096;

}  // namespace

void check_speed(unsigned baud) {
    const auto speeds = serial_speeds();
    if (std::ranges::find(speeds, baud) != speeds.end()) return;
    throw setting_error("baud", fmt::format("{} is no speed of a serial port: take one of {}", baud, fmt::join(speeds, ", ")));
}

device_lines::device_lines(module_context& host, serial_device device)
    : host_(host),
      device_(std::move(device)),
      delay_(first_delay, longest_delay),
      line_pace_(lines_per_second, lines_per_second),
      byte_pace_(bytes_per_second, bytes_per_second),
      count_opened_(host.metric("device_opens", "times that the device was there and opened")),
      count_received_(host.metric("lines_received", "lines that the device has written")),
      count_refused_(host.metric("lines_refused", "lines of the device that were too long, cut off, or make no sense")),
      count_written_(host.metric("lines_written", "lines that were written to the device")),
      count_unwritten_(host.metric("lines_unwritten", "lines dropped because the device was away or took nothing")),
      buffer_(read_size),
      splitter_(device_.longest_line),
      farewell_(host.timers()),
      on_drain_(host.drain(), [this] {
          farewell_.start_after(farewell, [this] { end_writing(); });
          look_at_end();
      }) {}

/// Ends the pending operations when nothing is to be done any more.
void device_lines::look_at_end() {
    if (!over()) return;
    if (port_) port_.close();
    over_.set();
}

void device_lines::end_writing() {
    writing_wanted_ = false;
    look_at_end();
}

void device_lines::refuse(std::string_view why) {
    count_refused_.add();
    host_.log().warn("a line is refused: {}", why);
}

awaitable<std::optional<std::string>> device_lines::next() {
    while (!over()) {
        if (!unread_.empty()) {
            auto line = splitter_.next(unread_);
            if (!line) continue;
            const auto wait = line_pace_.take(host_.clock().now());
            if (wait > duration::zero()) co_await host_.sleep_for(wait);
            if (*line) {
                count_received_.add();
                std::optional<std::string> content(std::move(**line));
                co_return content;
            }
            refuse(line->error().message());
            continue;
        }
        if (!port_) {
            const bool opened = co_await open();
            if (!opened) break;
        }
        const auto count = co_await port_.read_some(buffer_);
        if (!count) {
            co_await lose(count.error());
            continue;
        }
        delay_.reset();
        const auto wait = byte_pace_.take(host_.clock().now(), static_cast<double>(*count));
        if (wait > duration::zero()) co_await host_.sleep_for(wait);
        unread_ = {reinterpret_cast<const char*>(buffer_.data()), *count};
    }
    co_return std::nullopt;
}

/// Tries until it is there; false where the end came first.
awaitable<bool> device_lines::open() {
    while (!over()) {
        auto opened = co_await host_.open_serial(device_.path, device_.baud);
        if (opened) {
            count_opened_.add();
            host_.set_condition({});
            host_.log().info("{} is open", device_.path);
            port_ = std::move(*opened);
            co_return true;
        }
        host_.set_condition(fmt::format("{}: {}", device_.path, opened.error().message()));
        timer due(host_.timers());
        due.start_after(delay_.next(host_.random()), [this] { over_.set(); });
        if (!over()) co_await over_.wait();
    }
    co_return false;
}

awaitable<void> device_lines::lose(error_code why) {
    port_.close();
    while (writing_) co_await written_.wait();
    port_ = {};
    if (splitter_.inside_line()) refuse("the device went in the middle of it");
    splitter_ = lines::splitter(device_.longest_line);
    if (over()) co_return;
    host_.set_condition(fmt::format("{} is gone: {}", device_.path, why.message()));
    timer due(host_.timers());
    due.start_after(delay_.next(host_.random()), [this] { over_.set(); });
    co_await over_.wait();
}

awaitable<void> device_lines::write(std::string line) {
    if (!port_ || !writing_wanted_) {
        count_unwritten_.add();
        co_return;
    }
    const auto content = lines::encode(line);
    writing_ = true;
    const auto done = co_await port_.write(asio::buffer(content), write_limit);
    writing_ = false;
    written_.set();
    if (done) {
        count_written_.add();
        co_return;
    }
    count_unwritten_.add();
    port_.close();  // the reader opens it again
}

}  // namespace streamhost::sensor
