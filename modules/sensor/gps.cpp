#include "gps.hpp"

#include <fmt/format.h>

#include <utility>

namespace streamhost::sensor {
namespace {

/// A receiver writes 82 characters at most in a line; its own binary words in between count as lines too.
constexpr std::size_t longest_line = 1024;

/// After so many lines that are no sentences the operator is told what may be wrong.
constexpr int too_many_refused = 20;

}  // namespace

module_info gps::describe() {
    return streamhost::describe<gps, gps_settings>(
               "sensor.gps", "Position, height, speed and time from a satellite receiver on a serial port (NMEA 0183)")
        .setting("device", &gps_settings::device,
                 "path of the port, such as /dev/ttyACM0; one below /dev/serial/by-id stays the same in every socket. It may "
                 "come and go").required().exclusive("serial_port")
        .setting("baud", &gps_settings::baud, "speed of the port").unit("baud")
        .output<record>("records", "one for each position; docs/sensors.md has the keys")
        .capture();
}

void gps::check(const gps_settings& chosen) { check_speed(chosen.baud); }

gps::gps(module_context& host, gps_settings chosen)
    : host_(host),
      device_(host, {std::move(chosen.device), chosen.baud, longest_line}),
      records_(host.output<record>("records")) {}

awaitable<void> gps::run() {
    for (;;) {
        const auto line = co_await device_.next();
        if (!line) break;
        if (line->empty()) continue;
        const auto sentence = nmea::parse(*line);
        if (!sentence) {
            refuse(*line);
            continue;
        }
        if (refused_in_row_ >= too_many_refused) host_.set_condition({});
        refused_in_row_ = 0;
        for (auto& reading : navigation_.take(*sentence)) {
            record position{std::move(reading)};
            co_await records_.send(std::move(position));
        }
    }
}

void gps::refuse(const std::string& line) {
    device_.refuse(fmt::format("no NMEA sentence with a good checksum: {}", line.substr(0, 90)));
    if (++refused_in_row_ == too_many_refused) host_.set_condition("what comes is no NMEA: is `baud` right?");
}

}  // namespace streamhost::sensor
