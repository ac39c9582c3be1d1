#pragma once

#include "observe/log_tap.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost {

/// Keeps the last lines that were logged under each name while it lives. Any thread.
class STREAMHOST_API log_memory {
public:
    static constexpr std::size_t most_lines = 200;      ///< of one name
    static constexpr std::size_t most_names = 512;      ///< more than a topology can have instances
    static constexpr std::size_t longest_line = 2048;   ///< bytes; the rest is cut off

    log_memory();

    /// "17:04:05.123 warn: no signal", the oldest first.
    std::vector<std::string> tail(std::string_view name) const;

private:
    void keep(log_level level, std::string_view name, std::string_view line);

    mutable std::mutex mutex_;
    std::map<std::string, std::deque<std::string>, std::less<>> lines_;
    log_tap tap_;  // last: it calls
};

}  // namespace streamhost
