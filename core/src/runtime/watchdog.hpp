#pragma once

#include "async/lane.hpp"

#include <streamhost/log.hpp>

#include <thread>
#include <vector>

namespace streamhost {

/// Looks at every lane from a thread of its own and names the instance that keeps one busy for more than 50 ms: while it does,
/// where that is still so at the next look, and else afterwards; with the stack of the lane after 1 s. It looks four times
/// a second, and more often where a lane is busy. It never ends anybody: what else runs on other lanes goes on.
class STREAMHOST_API watchdog {
public:
    explicit watchdog(std::vector<lane*> lanes);
    ~watchdog();
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

private:
    struct watched {
        lane* which;
        std::uint64_t turn = 0;
        steady_time since{};
        int warned = 0;  ///< 0: not; 1: the warning; 2: the error
    };

    void run();
    void report_overrun(watched& each);
    /// Whether the lane is busy.
    bool look_at(watched& each, steady_time now);

    logger log_{"watchdog"};
    std::vector<watched> lanes_;
    const int stop_;  // an event descriptor: waiting for it is one call of the kernel, a condition variable's are two
    std::thread thread_;
};

}  // namespace streamhost
