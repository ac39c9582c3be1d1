#pragma once

#include <streamhost/backoff.hpp>
#include <streamhost/drain.hpp>
#include <streamhost/event.hpp>
#include <streamhost/module_context.hpp>
#include <streamhost/pace.hpp>
#include <streamhost/wire/lines.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost::sensor {

/// Throws `setting_error`, for the setting `baud`, for a speed that serial ports do not have.
void check_speed(unsigned baud);

struct serial_device {
    std::string path;
    unsigned baud = 0;
    std::size_t longest_line = 0;  ///< bytes
};

/// The lines that a device on a serial port writes. A device that is absent or was unplugged is a state of the instance: it
/// is opened again, with a back-off, until it is there. What is too long, no UTF-8 or cut off is counted and skipped; a
/// device that floods is read no faster than `lines_per_second`. Confined to its lane; one coroutine reads and one writes.
class device_lines {
public:
    static constexpr double lines_per_second = 1000;
    static constexpr double bytes_per_second = 1024 * 1024;

    device_lines(module_context& host, serial_device device);

    /// The next line, valid UTF-8 without its end; nothing once the host drains and there is nothing more to write.
    awaitable<std::optional<std::string>> next();

    /// Counts and logs a line that makes no sense to the reader.
    void refuse(std::string_view why);

    /// Somebody writes: while the host drains, the device stays open until `end_writing()`, for a moment at most.
    void begin_writing() noexcept { writing_wanted_ = true; }
    /// Writes a line with its end; one that the device does not take is dropped and counted. After `begin_writing()`.
    awaitable<void> write(std::string line);
    void end_writing();

private:
    awaitable<bool> open();
    awaitable<void> lose(error_code why);
    bool over() const { return host_.draining() && !writing_wanted_; }
    void look_at_end();

    module_context& host_;
    serial_device device_;
    backoff delay_;
    pace line_pace_;
    pace byte_pace_;
    counter& count_opened_;
    counter& count_received_;
    counter& count_refused_;
    counter& count_written_;
    counter& count_unwritten_;
    std::vector<std::byte> buffer_;
    std::string_view unread_;  // of the buffer
    lines::splitter splitter_;
    stream port_;              // none while the device is away
    bool writing_wanted_ = false;
    bool writing_ = false;
    event written_;
    event over_;
    timer farewell_;
    drain_state::watch on_drain_;
};

}  // namespace streamhost::sensor
