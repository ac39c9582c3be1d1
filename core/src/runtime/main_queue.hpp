#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include <streamhost/awaitable.hpp>

namespace streamhost {

/// Work for the process's main thread, where windows live. Any thread posts.
class STREAMHOST_API main_queue {
public:
    void post(std::function<void()> work);

    /// Main thread. Runs what was posted until `done()` holds, asked after each piece of work, or until the time.
    bool run(const std::function<bool()>& done, steady_time until);

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> work_;
};

}  // namespace streamhost
