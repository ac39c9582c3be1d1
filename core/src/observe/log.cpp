#include <streamhost/log.hpp>

#include "observe/log_diversion.hpp"
#include "observe/log_sink.hpp"
#include "observe/log_tap.hpp"

#include <streamhost/result.hpp>
#include <streamhost/wire/utf8.hpp>

#include <spdlog/async.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace streamhost {
namespace {

constexpr std::array<std::string_view, 7> level_names{"trace", "debug", "info", "warn", "error", "off", "warning"};
constexpr int most_repeats = 10;  // lines a second

std::optional<log_level> parse_level(std::string_view text) {
    for (std::size_t i = 0; i < level_names.size(); ++i) {
        if (level_names[i] == text) return i > static_cast<int>(log_level::off) ? log_level::warn : static_cast<log_level>(i);
    }
    return std::nullopt;
}

/// The process has one standard error stream, so there is one writer and one set of levels for it.
struct log_output {
    std::mutex mutex;
    log_level level = log_level::info;
    std::map<std::string, log_level, std::less<>> by_name;
    std::atomic<bool> closed{false};
    std::mutex tap_mutex;
    std::list<const log_tap*> taps;
    std::atomic<bool> tapped{false};
    std::shared_ptr<log_sink> sink = std::make_shared<log_sink>();
    std::shared_ptr<spdlog::details::thread_pool> writer;
    std::shared_ptr<spdlog::async_logger> lines;

    log_output() {
        writer = std::make_shared<spdlog::details::thread_pool>(8192, 1);
        lines = std::make_shared<spdlog::async_logger>("streamhost", sink, writer,
                                                       spdlog::async_overflow_policy::overrun_oldest);
        lines->set_pattern("%H:%M:%S.%e %^%-5l%$ %v");
        lines->set_level(spdlog::level::trace);
        lines->flush_on(spdlog::level::trace);
    }
    /// The background thread writes what is queued and ends before anything that it uses goes.
    ~log_output() { writer.reset(); }
};

log_output& output() {
    static log_output instance;
    return instance;
}

spdlog::level::level_enum to_spdlog(log_level level) {
    return static_cast<spdlog::level::level_enum>(level);  // both count trace, debug, info, warn, error
}

}  // namespace

struct logger::repeats {
    struct window {
        std::chrono::steady_clock::time_point started;
        int lines = 0;
        std::uint64_t suppressed = 0;
    };
    std::mutex mutex;
    std::unordered_map<const char*, window> by_key;
};

std::span<const std::string_view> log_level_names() noexcept { return level_names; }

logger::logger(std::string name, std::string_view type, std::string_view usual)
    : name_(std::move(name)), repeats_(std::make_unique<repeats>()) {
    set_usual_level(type, usual);
}

void logger::set_usual_level(std::string_view type, std::string_view usual) {
    auto& out = output();
    const std::lock_guard lock(out.mutex);
    level_ = parse_level(usual).value_or(out.level);
    if (const auto found = out.by_name.find(type); found != out.by_name.end()) level_ = found->second;
    if (const auto found = out.by_name.find(name_); found != out.by_name.end()) level_ = found->second;
}

logger::~logger() = default;

bool logger::admit(log_level level, const char* key) {
    std::uint64_t missed = 0;
    {
        const std::lock_guard lock(repeats_->mutex);
        auto& window = repeats_->by_key[key];
        const auto now = std::chrono::steady_clock::now();
        if (now - window.started > std::chrono::seconds(1)) {
            missed = window.suppressed;
            window = {now, 0, 0};
        }
        if (++window.lines > most_repeats) {
            ++window.suppressed;
            return false;
        }
    }
    if (missed > 0) write_line(level, fmt::format("({} more lines like the next one were left out)", missed));
    return true;
}

void logger::write_line(log_level level, std::string_view text) {
    auto& out = output();
    const auto line = utf8::escape_controls(text);
    if (out.tapped.load(std::memory_order_relaxed)) {
        const std::lock_guard lock(out.tap_mutex);
        for (const auto* each : out.taps) each->heard_(level, name_, line);
    }
    if (out.closed) {
        fmt::print(stderr, "{}: {}\n", name_, line);
    } else {
        out.lines->log(to_spdlog(level), "{}: {}", name_, line);
    }
}

log_tap::log_tap(callback heard) : heard_(std::move(heard)) {
    auto& out = output();
    const std::lock_guard lock(out.tap_mutex);
    out.taps.push_back(this);
    out.tapped = true;
}

log_tap::~log_tap() {
    auto& out = output();
    const std::lock_guard lock(out.tap_mutex);
    out.taps.remove(this);
    out.tapped = !out.taps.empty();
}

log_diversion::log_diversion(callback takes) { output().sink->divert(std::move(takes)); }
log_diversion::~log_diversion() { output().sink->divert({}); }

void configure_log(std::string_view levels) {
    auto& out = output();
    const std::lock_guard lock(out.mutex);
    while (!levels.empty()) {
        const auto item = levels.substr(0, levels.find(','));
        levels.remove_prefix(std::min(item.size() + 1, levels.size()));
        const auto equals = item.find('=');
        const auto level = parse_level(equals == item.npos ? item : item.substr(equals + 1));
        if (!level) {
            throw configuration_error(fmt::format(
                "log level \"{}\": expected trace, debug, info, warn, error or off, alone or as NAME=LEVEL", item));
        }
        if (equals == item.npos) {
            out.level = *level;
        } else {
            out.by_name.insert_or_assign(std::string(item.substr(0, equals)), *level);
        }
    }
}

void close_log() {
    auto& out = output();
    out.closed.store(true);
    // Destroying the pool writes what is queued and joins its thread.
    const std::lock_guard lock(out.mutex);
    out.writer.reset();
}

}  // namespace streamhost
