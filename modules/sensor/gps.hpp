#pragma once

#include "device_lines.hpp"
#include "navigation.hpp"

#include <streamhost/module.hpp>

#include <cstdint>
#include <string>

namespace streamhost::sensor {

struct gps_settings {
    std::string device;
    std::uint32_t baud = 9600;
};

/// `sensor.gps`: where a receiver of satellite navigation is, from the NMEA 0183 that it writes to a serial port.
class gps final : public module {
public:
    static module_info describe();
    static void check(const gps_settings& chosen);

    gps(module_context& host, gps_settings chosen);

    awaitable<void> run() override;

private:
    void refuse(const std::string& line);

    module_context& host_;
    device_lines device_;
    navigation navigation_;
    output<record> records_;
    int refused_in_row_ = 0;
};

}  // namespace streamhost::sensor
