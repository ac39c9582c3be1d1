#pragma once

#include "async/lane.hpp"
#include "net/net_backend.hpp"
#include "terminal/terminal_backend.hpp"

#include <streamhost/child.hpp>
#include <streamhost/clock.hpp>
#include <streamhost/message.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace streamhost {

/// Every contact of a host with the world: time, threads, the network, the terminal, chance. One form is the machine; the other is a
/// simulation, in which all lanes share one thread and time jumps when nothing is ready.
class world {
public:
    virtual ~world() = default;

    virtual const clock& time() const = 0;
    virtual net_backend& net() = 0;
    virtual terminal_backend& terminal() = 0;
    virtual std::uint64_t random_seed() = 0;
    virtual std::array<std::byte, 16> boot_id() = 0;

    /// A lane that begins to run with `start_lane`.
    virtual std::unique_ptr<lane> make_lane(const std::string& name) = 0;
    virtual void start_lane(lane& started) = 0;
    /// Ends a lane's thread. False where it is stuck in foreign code and was given up.
    virtual bool end_lane(lane& ended) = 0;

    /// Watches the lanes from outside and names the instance that blocks one; ends with the returned object.
    virtual std::shared_ptr<void> watch_lanes(std::vector<lane*> lanes) = 0;

    /// Any thread: runs the job on a worker thread, or inline.
    virtual void run_on_pool(std::function<void()> job) = 0;
    /// Waits until no worker thread is inside such a job any more: from then on none touches a lane.
    virtual void finish_pool() = 0;

    /// As `run_on_pool`, for what may hang and touches nothing of a host that has ended.
    virtual void run_aside(std::function<void()> job) = 0;

    /// Runs the job on a worker thread, or inline, and waits for its end.
    awaitable<void> await_on_pool(std::function<void()>& job);

    virtual std::unique_ptr<child_runner> make_child_runner(lane& on, const executor& as) = 0;

    /// As `module_context::open_serial`, for that lane.
    virtual awaitable<result<std::unique_ptr<stream::implementation>>> open_serial(std::string device, unsigned baud,
                                                                                   lane& on, executor as) = 0;

    /// Any thread: runs on the main thread, in order, while that is in `run_main`.
    virtual void post_main(std::function<void()> work) = 0;

    /// Main thread: runs what was posted until `done` says so or the time has come. False when the time came first.
    virtual bool run_main(const std::function<bool()>& done, steady_time until) = 0;
};

}  // namespace streamhost
