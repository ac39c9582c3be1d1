#pragma once

#include "async/lane.hpp"
#include "runtime/simulation.hpp"

#include <streamhost/task_group.hpp>

#include <boost/asio/post.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace streamhost::test {

/// Lanes in virtual time without a host around them, for the parts that only need a lane.
class simulated_lanes {
public:
    simulated_lanes() = default;
    simulated_lanes(const simulated_lanes&) = delete;
    simulated_lanes& operator=(const simulated_lanes&) = delete;
    ~simulated_lanes() {
        for (auto& each : lanes_) host_.end_lane(*each);
    }

    lane& add(const std::string& name = "test") {
        lanes_.push_back(host_.make_lane(name));
        return *lanes_.back();
    }

    /// Runs what is ready, without letting time pass.
    void settle() { world.run_for(duration::zero()); }
    void run_for(duration span) { world.run_for(span); }
    steady_time now() { return world.time().now(); }

    simulation world{1};

private:
    streamhost::world& host_ = world.add_host();
    std::vector<std::unique_ptr<lane>> lanes_;
};

/// One such lane, and a task group on it that is looked at and joined by hand.
class simulated_lane : public simulated_lanes {
public:
    lane& on = add();
    executor as = on.own_executor();
    timer_queue& timers = on.timers();

    /// Runs `work` on the lane, then whatever else is ready.
    void run(std::function<void()> work) {
        asio::post(as, std::move(work));
        settle();
    }
};

}  // namespace streamhost::test
