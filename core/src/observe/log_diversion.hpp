#pragma once

#include <streamhost/export.hpp>

#include <functional>
#include <string>

namespace streamhost {

/// While it lives, the log's lines go here instead of to standard error: formatted, coloured where standard error is a
/// terminal that has colours, each with its LF. The callback runs on the log's own thread, one at a time, and must not
/// log itself; destruction waits for it. One at a time in a process.
class STREAMHOST_API log_diversion {
public:
    using callback = std::function<void(std::string line)>;

    explicit log_diversion(callback takes);
    ~log_diversion();
    log_diversion(const log_diversion&) = delete;
    log_diversion& operator=(const log_diversion&) = delete;
};

}  // namespace streamhost
