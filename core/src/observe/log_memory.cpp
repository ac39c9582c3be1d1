#include "observe/log_memory.hpp"

#include <fmt/chrono.h>

#include <chrono>

namespace streamhost {
namespace {

std::string time_of_day() {
    const auto now = std::chrono::system_clock::now();
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
    return fmt::format("{:%H:%M:%S}.{:03}", fmt::localtime(std::chrono::system_clock::to_time_t(now)), ms);
}

}  // namespace

log_memory::log_memory()
    : tap_([this](log_level level, std::string_view name, std::string_view line) { keep(level, name, line); }) {}

std::vector<std::string> log_memory::tail(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = lines_.find(name);
    if (found == lines_.end()) return {};
    return {found->second.begin(), found->second.end()};
}

void log_memory::keep(log_level level, std::string_view name, std::string_view line) {
    auto text = fmt::format("{} {}: {}", time_of_day(), log_level_names()[static_cast<std::size_t>(level)],
                            line.substr(0, longest_line));
    const std::lock_guard lock(mutex_);
    auto found = lines_.find(name);
    if (found == lines_.end()) {
        if (lines_.size() >= most_names) return;
        found = lines_.try_emplace(std::string(name)).first;
    }
    found->second.push_back(std::move(text));
    if (found->second.size() > most_lines) found->second.pop_front();
}

}  // namespace streamhost
