#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the files of /proc and /sys say (proc(5)). Pure functions: nothing where a file is not as expected.
namespace streamhost::sensor {

/// Of all processors together, in ticks since the start of the machine.
struct processor_times {
    std::uint64_t busy = 0;
    std::uint64_t total = 0;
};
/// /proc/stat
std::optional<processor_times> parse_processor_times(std::string_view stat);

struct load_average {
    double one_minute = 0;
    double five_minutes = 0;
    double fifteen_minutes = 0;
};
/// /proc/loadavg
std::optional<load_average> parse_load_average(std::string_view loadavg);

struct memory_use {
    std::uint64_t total_bytes = 0;
    std::uint64_t available_bytes = 0;  ///< without swapping
};
/// /proc/meminfo
std::optional<memory_use> parse_memory_use(std::string_view meminfo);

/// /proc/uptime, in seconds
std::optional<double> parse_uptime_s(std::string_view uptime);

/// Bytes since the interface came up.
struct interface_traffic {
    std::string name;
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
};
/// /proc/net/dev, without the loopback.
std::vector<interface_traffic> parse_interfaces(std::string_view net_dev);

/// /sys/class/thermal/thermal_zone*/temp, in degrees Celsius
std::optional<double> parse_temperature(std::string_view temp);

}  // namespace streamhost::sensor
