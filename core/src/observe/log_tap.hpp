#pragma once

#include <streamhost/export.hpp>
#include <streamhost/log.hpp>

#include <functional>
#include <string_view>

namespace streamhost {

/// Hears every line that is logged while it lives, besides the usual output. The callback runs on whatever thread logs,
/// one at a time, and must not log itself.
class STREAMHOST_API log_tap {
public:
    using callback = std::function<void(log_level level, std::string_view name, std::string_view line)>;

    explicit log_tap(callback heard);
    ~log_tap();
    log_tap(const log_tap&) = delete;
    log_tap& operator=(const log_tap&) = delete;

private:
    friend class logger;
    callback heard_;
};

}  // namespace streamhost
