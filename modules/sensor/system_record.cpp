#include "system_record.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <system_error>

namespace streamhost::sensor {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// None of these files is larger, but for hosts with hundreds of interfaces.
constexpr std::size_t most_bytes = 64 * 1024;

/// Empty where it cannot be read.
std::string content_of(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string content(most_bytes, '\0');
    in.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
    return content;
}

std::map<std::string, double> read_temperatures(const fs::path& zones) {
    std::map<std::string, double> temperatures;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(zones, none)) {
        if (!entry.path().filename().string().starts_with("thermal_zone")) continue;
        const auto value = parse_temperature(content_of(entry.path() / "temp"));
        if (!value) continue;
        auto name = content_of(entry.path() / "type");
        name.erase(name.find_last_not_of(" \n") + 1);
        if (name.empty()) name = entry.path().filename();
        // Several of one kind: the hottest.
        const auto [known, added] = temperatures.try_emplace(name, *value);
        if (!added) known->second = std::max(known->second, *value);
    }
    return temperatures;
}

std::optional<double> processor_percent(const system_sample& before, const system_sample& now) {
    if (!before.processor || !now.processor || now.processor->total <= before.processor->total) return std::nullopt;
    const auto total = static_cast<double>(now.processor->total - before.processor->total);
    // The kernel's time of waiting may run backwards a little.
    const auto busy = static_cast<double>(now.processor->busy) - static_cast<double>(before.processor->busy);
    return std::round(std::clamp(busy / total, 0.0, 1.0) * 1000) / 10;
}

void add_network(json::object& record, const system_sample& before, const system_sample& now, double seconds) {
    json::object each;
    double received_by_all = 0, sent_by_all = 0;
    for (const auto& interface : now.interfaces) {
        const auto then = std::ranges::find(before.interfaces, interface.name, &interface_traffic::name);
        const bool known = then != before.interfaces.end() && then->received <= interface.received &&
                           then->sent <= interface.sent;
        if (!known) continue;  // it is new, or another one under its name
        const auto received = std::round(static_cast<double>(interface.received - then->received) / seconds);
        const auto sent = std::round(static_cast<double>(interface.sent - then->sent) / seconds);
        received_by_all += received;
        sent_by_all += sent;
        each[interface.name] = {{"received_bytes_per_s", received}, {"sent_bytes_per_s", sent}};
    }
    if (each.empty()) return;
    record["network_received_bytes_per_s"] = received_by_all;
    record["network_sent_bytes_per_s"] = sent_by_all;
    record["interfaces"] = std::move(each);
}

}  // namespace

system_sample read_system(const fs::path& root) {
    system_sample sample;
    sample.processor = parse_processor_times(content_of(root / "proc/stat"));
    sample.load = parse_load_average(content_of(root / "proc/loadavg"));
    sample.memory = parse_memory_use(content_of(root / "proc/meminfo"));
    sample.uptime_s = parse_uptime_s(content_of(root / "proc/uptime"));
    sample.interfaces = parse_interfaces(content_of(root / "proc/net/dev"));
    sample.temperatures = read_temperatures(root / "sys/class/thermal");
    return sample;
}

json::object to_record(const system_sample& before, const system_sample& now, duration period) {
    json::object record;
    if (const auto percent = processor_percent(before, now)) record["processor_percent"] = *percent;
    if (now.load) {
        record["load_1min"] = now.load->one_minute;
        record["load_5min"] = now.load->five_minutes;
        record["load_15min"] = now.load->fifteen_minutes;
    }
    if (now.memory) {
        record["memory_total_bytes"] = now.memory->total_bytes;
        record["memory_available_bytes"] = now.memory->available_bytes;
    }
    if (now.uptime_s) record["uptime_s"] = *now.uptime_s;
    if (!now.temperatures.empty()) {
        json::object zones;
        double hottest = now.temperatures.begin()->second;
        for (const auto& [name, value] : now.temperatures) {
            zones[name] = value;
            hottest = std::max(hottest, value);
        }
        record["temperature_celsius"] = hottest;
        record["temperatures_celsius"] = std::move(zones);
    }
    const double seconds = std::chrono::duration<double>(period).count();
    if (seconds > 0) add_network(record, before, now, seconds);
    return record;
}

}  // namespace streamhost::sensor
