#include "observe/log_sink.hpp"

#include <streamhost/assert.hpp>

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace streamhost {
namespace {

/// As spdlog colours them on a terminal (SGR, ECMA-48).
std::string_view colour_of(spdlog::level::level_enum level) {
    switch (level) {
        case spdlog::level::debug: return "\x1b[36m";
        case spdlog::level::info: return "\x1b[32m";
        case spdlog::level::warn: return "\x1b[33m\x1b[1m";
        case spdlog::level::err: return "\x1b[31m\x1b[1m";
        default: return "\x1b[37m";
    }
}

constexpr std::string_view no_colour = "\x1b[m";

}  // namespace

void log_sink::divert(log_diversion::callback takes) {
    const std::lock_guard lock(mutex_);
    STREAMHOST_ASSERT(!takes || !takes_);
    takes_ = std::move(takes);
}

std::string log_sink::text_of(const spdlog::details::log_msg& message) {
    spdlog::memory_buf_t buffer;
    message.color_range_start = message.color_range_end = 0;
    formatter_->format(message, buffer);
    const std::string_view text(buffer.data(), buffer.size());
    if (!direct_->should_color() || message.color_range_end <= message.color_range_start) return std::string(text);
    const auto start = message.color_range_start, end = message.color_range_end;
    return fmt::format("{}{}{}{}{}", text.substr(0, start), colour_of(message.level), text.substr(start, end - start),
                       no_colour, text.substr(end));
}

void log_sink::sink_it_(const spdlog::details::log_msg& message) {
    if (takes_) {
        takes_(text_of(message));
    } else {
        direct_->log(message);
    }
}

void log_sink::set_pattern_(const std::string& pattern) {
    base_sink::set_pattern_(pattern);
    direct_->set_pattern(pattern);
}

void log_sink::set_formatter_(std::unique_ptr<spdlog::formatter> formatter) {
    direct_->set_formatter(formatter->clone());
    base_sink::set_formatter_(std::move(formatter));
}

}  // namespace streamhost
