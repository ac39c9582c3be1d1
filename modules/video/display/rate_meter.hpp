#pragma once

#include <streamhost/awaitable.hpp>

#include <chrono>
#include <deque>

namespace streamhost::video {

/// The measured rate of something that comes again and again, over the last two seconds. One thread at a time.
class rate_meter {
public:
    void add(steady_time when) {
        times_.push_back(when);
        forget(when);
        if (times_.size() > most_times) times_.pop_front();
    }

    /// Per second; 0 while it is not known, and when nothing has come for two seconds.
    double rate(steady_time now) {
        forget(now);
        if (times_.size() < 2) return 0;
        const std::chrono::duration<double> span = times_.back() - times_.front();
        return span.count() > 0 ? static_cast<double>(times_.size() - 1) / span.count() : 0;
    }

private:
    static constexpr auto window = std::chrono::seconds(2);
    static constexpr std::size_t most_times = 1024;

    void forget(steady_time now) {
        while (!times_.empty() && now - times_.front() > window) times_.pop_front();
    }

    std::deque<steady_time> times_;
};

}  // namespace streamhost::video
