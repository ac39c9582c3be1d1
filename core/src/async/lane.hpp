#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/result.hpp>
#include <streamhost/timers.hpp>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace streamhost {

/// One thread with one `io_context`. In a simulation there is no thread: the simulation polls every lane in turn.
class STREAMHOST_API lane {
public:
    lane(std::string name, const clock& time);
    ~lane();
    lane(const lane&) = delete;
    lane& operator=(const lane&) = delete;

    const std::string& name() const noexcept { return own_.name; }
    timer_queue& timers() noexcept { return timers_; }
    asio::io_context& context() noexcept { return context_; }
    lane_activity& activity_state() noexcept { return state_; }

    /// The executor of the host's own work on this lane.
    executor own_executor() { return {context_.get_executor(), own_}; }
    executor executor_for(activity& owner) {
        owner.lane = &state_;
        return {context_.get_executor(), owner};
    }

    /// Starts the thread; its timers then run by one kernel timer.
    void start();

    /// Any thread. The lane's thread ends after the work that it has been given before.
    void stop();

    /// True once the thread has ended; the destructor joins.
    bool ended() const noexcept { return ended_.load(std::memory_order_acquire); }

    /// Gives up a thread that is stuck in foreign code: it is never joined, and nothing of the lane is destroyed.
    void abandon();

    std::thread& thread() noexcept { return thread_; }

    /// Runs the work that is ready without waiting; for the simulation. Returns how many pieces ran.
    std::size_t poll();

private:
    using kernel_timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                                    asio::wait_traits<std::chrono::steady_clock>, executor>;
    void arm();

    lane_activity state_;
    activity own_;
    timer_queue timers_;  // before the context: work that was never done may hold timers
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> stay_;
    std::optional<kernel_timer> kernel_timer_;
    std::optional<steady_time> armed_for_;  // the kernel timer
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

}  // namespace streamhost
