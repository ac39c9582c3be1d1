#include "serial.hpp"

#include <streamhost/wire/framed.hpp>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace streamhost::sensor {
namespace {

/// The reading of a line of JSON.
result<record> read_record(std::string_view line) {
    boost::json::parse_options options;
    options.max_depth = framed::max_record_depth;
    error_code failure;
    auto value = boost::json::parse(line, failure, {}, options);
    if (failure) return failure;
    return record{std::move(value)};
}

}  // namespace

module_info serial::describe() {
    return streamhost::describe<serial, serial_settings>(
               "sensor.serial", "The lines that a device on a serial port writes, such as an Arduino")
        .setting("device", &serial_settings::device,
                 "path of the port, such as /dev/ttyACM0; one below /dev/serial/by-id stays the same in every socket. It may "
                 "come and go").required().exclusive("serial_port")
        .setting("baud", &serial_settings::baud, "speed of the port").unit("baud")
        .setting("form", &serial_settings::form,
                 "what a line is: `json`, a value for the output `records`, or `text`, for the output `lines`")
            .one_of({{"json", line_form::json}, {"text", line_form::text}})
        .setting("max_line", &serial_settings::max_line, "longest line that is taken")
            .range(16, 64 * 1024).unit("bytes")
        .input<text>("outgoing", "lines to write to the device; while it is away they are dropped and counted").optional()
        .output<record>("records", "the value of each line, of the form `json`")
        .output<text>("lines", "each line, of the form `text`")
        .capture();
}

void serial::check(const serial_settings& chosen) { check_speed(chosen.baud); }

module_ports serial::ports_for(const serial_settings& chosen) {
    port_info outgoing{.name = "outgoing", .help = "lines to write to the device", .type = &type_of<text>()};
    port_list ports;
    ports.add(std::move(outgoing));
    if (chosen.form == line_form::json) {
        ports.output<record>("records", "the value of each line");
    } else {
        ports.output<text>("lines", "each line");
    }
    return ports;
}

serial::serial(module_context& host, serial_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      device_(host, {chosen_.device, chosen_.baud, chosen_.max_line}),
      outgoing_(host.input<text>("outgoing")) {
    if (chosen_.form == line_form::json) {
        records_.emplace(host.output<record>("records"));
    } else {
        lines_.emplace(host.output<text>("lines"));
    }
}

awaitable<void> serial::run() {
    if (outgoing_.linked()) {
        device_.begin_writing();
        host_.spawn(write_lines());
    }
    for (;;) {
        auto line = co_await device_.next();
        if (!line) break;
        if (!line->empty()) co_await send(std::move(*line));
    }
}

awaitable<void> serial::send(std::string line) {
    if (lines_) {
        text said{.line = std::move(line)};
        co_await lines_->send(std::move(said));
        co_return;
    }
    auto reading = read_record(line);
    if (!reading) {
        device_.refuse(fmt::format("no JSON ({}): {}", reading.error().message(), line.substr(0, 60)));
        co_return;
    }
    co_await records_->send(std::move(*reading));
}

awaitable<void> serial::write_lines() {
    for (;;) {
        const auto said = co_await outgoing_.next();
        if (!said) break;
        co_await device_.write(said->line);
    }
    device_.end_writing();
}

}  // namespace streamhost::sensor
