#pragma once

#include "system_files.hpp"

#include <streamhost/awaitable.hpp>

#include <boost/json/object.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace streamhost::sensor {

/// What the machine says of itself at one moment. What it does not have is empty.
struct system_sample {
    std::optional<processor_times> processor{};
    std::optional<load_average> load{};
    std::optional<memory_use> memory{};
    std::optional<double> uptime_s{};
    std::vector<interface_traffic> interfaces{};
    std::map<std::string, double> temperatures{};  ///< degrees Celsius, by the kind of the zone
};

/// Reads the files below `root`, which is "/" but in tests. Blocks for a moment: some sensors hang on a slow bus.
system_sample read_system(const std::filesystem::path& root);

/// The reading of a period, from a sample at each of its ends. What is not known is left out; docs/sensors.md has the keys.
boost::json::object to_record(const system_sample& before, const system_sample& now, duration period);

}  // namespace streamhost::sensor
