#include "runtime/main_queue.hpp"

namespace streamhost {

void main_queue::post(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        work_.push_back(std::move(work));
    }
    changed_.notify_one();
}

bool main_queue::run(const std::function<bool()>& done, steady_time until) {
    for (;;) {
        if (done()) return true;
        std::function<void()> next;
        {
            std::unique_lock lock(mutex_);
            const auto has_work = [this] { return !work_.empty(); };
            // A clock's farthest moment overflows inside wait_until: wait in steps instead.
            const auto step = std::min(until, std::chrono::steady_clock::now() + std::chrono::hours(1));
            if (!changed_.wait_until(lock, step, has_work)) {
                if (std::chrono::steady_clock::now() >= until) return false;
                continue;
            }
            next = std::move(work_.front());
            work_.pop_front();
        }
        next();
    }
}

}  // namespace streamhost
