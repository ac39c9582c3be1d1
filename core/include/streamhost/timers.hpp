#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/clock.hpp>

#include <functional>
#include <map>
#include <optional>

namespace streamhost {

class timer;

/// The timers of one lane, earliest first. Confined to the lane's thread. The lane drives it: with one kernel timer in a
/// real host, by moving virtual time in a simulation.
class STREAMHOST_API timer_queue {
public:
    explicit timer_queue(const clock& time) : clock_(time) {}
    timer_queue(const timer_queue&) = delete;
    timer_queue& operator=(const timer_queue&) = delete;

    const clock& time() const noexcept { return clock_; }
    std::optional<steady_time> earliest() const;

    /// Runs what is due. Each callback runs once; callbacks may add and remove timers.
    void run_due();

    /// Called whenever `earliest()` has become earlier.
    std::function<void()> on_earlier;

private:
    friend class timer;
    using entries = std::multimap<steady_time, timer*>;

    const clock& clock_;
    entries entries_;
};

/// Calls back once at a time on the lane, unless stopped or destroyed before. Confined to the lane's thread.
class STREAMHOST_API timer {
public:
    explicit timer(timer_queue& queue) : queue_(queue) {}
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;
    ~timer() { stop(); }

    void start(steady_time when, std::function<void()> callback);
    void start_after(duration delay, std::function<void()> callback) {
        start(queue_.time().now() + delay, std::move(callback));
    }
    void stop();

private:
    friend class timer_queue;

    timer_queue& queue_;
    std::function<void()> callback_;
    std::optional<timer_queue::entries::iterator> place_;
};

}  // namespace streamhost
