#include "system_files.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

namespace streamhost::sensor {
namespace {

/// Takes the next word off `rest`; empty at the end.
std::string_view next_word(std::string_view& rest) {
    const auto begin = rest.find_first_not_of(" \t\n");
    if (begin == rest.npos) {
        rest = {};
        return {};
    }
    rest.remove_prefix(begin);
    const auto word = rest.substr(0, rest.find_first_of(" \t\n"));
    rest.remove_prefix(word.size());
    return word;
}

std::string_view next_line(std::string_view& rest) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    return line;
}

template <class Number>
std::optional<Number> number(std::string_view word) {
    Number value{};
    const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (code != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return value;
}

template <class Number>
std::optional<Number> next_number(std::string_view& rest) {
    return number<Number>(next_word(rest));
}

/// "MemTotal:        8008936 kB"
std::optional<std::uint64_t> bytes_of(std::string_view meminfo, std::string_view key) {
    while (!meminfo.empty()) {
        auto line = next_line(meminfo);
        if (next_word(line) != key) continue;
        const auto kib = next_number<std::uint64_t>(line);
        if (!kib || next_word(line) != "kB") return std::nullopt;
        return *kib * 1024;
    }
    return std::nullopt;
}

}  // namespace

std::optional<processor_times> parse_processor_times(std::string_view stat) {
    auto line = next_line(stat);
    if (next_word(line) != "cpu") return std::nullopt;
    // user, nice, system, idle, iowait, irq, softirq, steal; what guests use is in the first two already.
    std::array<std::uint64_t, 8> ticks{};
    for (auto& each : ticks) {
        const auto count = next_number<std::uint64_t>(line);
        if (!count) return std::nullopt;
        each = *count;
    }
    processor_times times;
    for (const auto each : ticks) times.total += each;
    times.busy = times.total - ticks[3] - ticks[4];
    return times;
}

std::optional<load_average> parse_load_average(std::string_view loadavg) {
    const auto one = next_number<double>(loadavg);
    const auto five = next_number<double>(loadavg);
    const auto fifteen = next_number<double>(loadavg);
    if (!one || !five || !fifteen) return std::nullopt;
    return load_average{*one, *five, *fifteen};
}

std::optional<memory_use> parse_memory_use(std::string_view meminfo) {
    const auto total = bytes_of(meminfo, "MemTotal:");
    const auto available = bytes_of(meminfo, "MemAvailable:");
    if (!total || !available) return std::nullopt;
    return memory_use{*total, *available};
}

std::optional<double> parse_uptime_s(std::string_view uptime) { return next_number<double>(uptime); }

std::vector<interface_traffic> parse_interfaces(std::string_view net_dev) {
    constexpr int received_columns = 8;
    std::vector<interface_traffic> interfaces;
    next_line(net_dev);
    next_line(net_dev);
    while (!net_dev.empty()) {
        auto line = next_line(net_dev);
        const auto colon = line.find(':');  // with or without a space behind it
        if (colon == line.npos) continue;
        auto before = line.substr(0, colon);
        const auto name = next_word(before);
        line.remove_prefix(colon + 1);
        const auto received = next_number<std::uint64_t>(line);
        for (int i = 1; i < received_columns; ++i) next_word(line);
        const auto sent = next_number<std::uint64_t>(line);
        if (name == "lo" || name.empty() || !received || !sent) continue;
        interfaces.push_back({std::string(name), *received, *sent});
    }
    return interfaces;
}

std::optional<double> parse_temperature(std::string_view temp) {
    const auto thousandths = next_number<std::int64_t>(temp);
    // A zone without a sensor behind it says such things.
    constexpr std::int64_t coldest = -100'000, hottest = 200'000;
    if (!thousandths || *thousandths < coldest || *thousandths > hottest) return std::nullopt;
    return static_cast<double>(*thousandths) / 1000;
}

}  // namespace streamhost::sensor
