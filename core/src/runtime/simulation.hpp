#pragma once

#include "net/simulated_net.hpp"
#include "terminal/simulated_terminal.hpp"
#include "runtime/world.hpp"

#include <deque>
#include <list>

namespace streamhost {

/// Time that moves only when somebody moves it.
class simulated_clock final : public clock {
public:
    steady_time now() const noexcept override { return now_; }
    std::int64_t wall_ns() const noexcept override { return wall_offset_ns_ + now_.time_since_epoch().count(); }
    void move_to(steady_time later) noexcept { now_ = later; }
    void jump_wall(duration by) noexcept { wall_offset_ns_ += by.count(); }

private:
    steady_time now_{std::chrono::hours(1)};
    std::int64_t wall_offset_ns_ = 1'700'000'000'000'000'000;
};

/// The world of one or more simulated hosts: every lane on the calling thread, the pool inline, streams in memory, and
/// time that jumps to the next timer when nothing is ready. The same seed gives the same run.
class STREAMHOST_API simulation {
public:
    explicit simulation(std::uint64_t seed);
    ~simulation();

    /// One host's face of this world; lives as long as the simulation.
    world& add_host();

    simulated_clock& time() noexcept { return clock_; }
    simulated_net& net() noexcept { return net_; }
    /// Of one of its hosts, as `add_host` gave it.
    simulated_terminal& terminal_of(world& host);

    /// Runs until `done()` holds; false where the virtual time came first or nothing can ever happen again.
    bool run_until(const std::function<bool()>& done, steady_time until);
    void run_for(duration span);

private:
    class host_world;

    bool step();

    simulated_clock clock_;
    simulated_net net_;
    std::uint64_t next_seed_;
    std::uint8_t hosts_made_ = 0;
    std::vector<lane*> lanes_;
    std::deque<std::function<void()>> main_;
    std::list<std::unique_ptr<host_world>> hosts_;
};

}  // namespace streamhost
