#pragma once

#include <streamhost/export.hpp>

#include <fmt/format.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace streamhost {

enum class log_level : int { trace, debug, info, warn, error, off };

/// How people write the levels: those of `log_level` in their order, then other spellings.
STREAMHOST_API std::span<const std::string_view> log_level_names() noexcept;

/// Writes lines under one name, such as an instance's. Any thread. Never blocks: a background thread does the writing,
/// and when its queue is full the oldest lines give way. A line that repeats (the same format string of the same
/// logger) more than ten times within a second is counted instead, and the count is written when the second is over.
class STREAMHOST_API logger {
public:
    /// `type` is the module type, so that levels can be set for either. `usual` is the level where `configure_log` named
    /// none for them, empty: the process's.
    explicit logger(std::string name, std::string_view type = {}, std::string_view usual = {});
    ~logger();
    logger(const logger&) = delete;
    logger& operator=(const logger&) = delete;

    bool enabled(log_level level) const noexcept { return level >= level_.load(std::memory_order_relaxed); }
    /// As the constructor does with these.
    void set_usual_level(std::string_view type, std::string_view usual);
    void set_level(log_level level) noexcept { level_.store(level, std::memory_order_relaxed); }

    template <class... Values>
    void trace(fmt::format_string<Values...> format, Values&&... values) {
        write(log_level::trace, format, std::forward<Values>(values)...);
    }
    template <class... Values>
    void debug(fmt::format_string<Values...> format, Values&&... values) {
        write(log_level::debug, format, std::forward<Values>(values)...);
    }
    template <class... Values>
    void info(fmt::format_string<Values...> format, Values&&... values) {
        write(log_level::info, format, std::forward<Values>(values)...);
    }
    template <class... Values>
    void warn(fmt::format_string<Values...> format, Values&&... values) {
        write(log_level::warn, format, std::forward<Values>(values)...);
    }
    template <class... Values>
    void error(fmt::format_string<Values...> format, Values&&... values) {
        write(log_level::error, format, std::forward<Values>(values)...);
    }

private:
    template <class... Values>
    void write(log_level level, fmt::format_string<Values...> format, Values&&... values) {
        const fmt::string_view key = format;
        if (enabled(level) && admit(level, key.data())) write_line(level, fmt::format(format, std::forward<Values>(values)...));
    }

    bool admit(log_level level, const char* key);
    void write_line(log_level level, std::string_view line);

    struct repeats;
    std::string name_;
    std::atomic<log_level> level_;
    std::unique_ptr<repeats> repeats_;
};

/// What is logged, for the whole process. `levels` is a comma-separated list of a level (`debug`) and of `name=level`
/// pairs, the name being an instance's or a module type's: `debug,video.capture=trace`. Throws `configuration_error`.
STREAMHOST_API void configure_log(std::string_view levels);

/// Writes out everything that is queued and ends the background thread; lines that come later are written directly.
STREAMHOST_API void close_log();

}  // namespace streamhost
