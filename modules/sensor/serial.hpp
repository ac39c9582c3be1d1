#pragma once

#include "device_lines.hpp"

#include <streamhost/module.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace streamhost::sensor {

enum class line_form { text, json };

struct serial_settings {
    std::string device;
    std::uint32_t baud = 115200;
    line_form form = line_form::json;
    std::uint32_t max_line = 4096;
};

/// `sensor.serial`: what a device on a serial port writes, a line at a time, and lines to it.
class serial final : public module {
public:
    static module_info describe();
    static void check(const serial_settings& chosen);
    static module_ports ports_for(const serial_settings& chosen);

    serial(module_context& host, serial_settings chosen);

    awaitable<void> run() override;

private:
    awaitable<void> write_lines();
    awaitable<void> send(std::string line);

    module_context& host_;
    serial_settings chosen_;
    device_lines device_;
    input<text> outgoing_;
    std::optional<output<text>> lines_;      // of the form `text`
    std::optional<output<record>> records_;  // of the form `json`
};

}  // namespace streamhost::sensor
