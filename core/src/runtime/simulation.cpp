#include "runtime/simulation.hpp"

#include <streamhost/assert.hpp>

#include <algorithm>
#include <cerrno>

namespace streamhost {
namespace {

/// A simulation has no programs to run.
class no_children final : public child_runner {
public:
    result<child_process> start(const std::vector<std::string>&, child_input) override { return errc::unsupported; }
};

/// Work that keeps making work at one moment of virtual time is a bug of what is simulated, and would never end.
constexpr int most_turns_at_once = 1'000'000;

}  // namespace

class simulation::host_world final : public world {
public:
    host_world(simulation& world, std::uint64_t seed, std::uint8_t number)
        : world_(world), seed_(seed), number_(number) {}

    const clock& time() const override { return world_.clock_; }
    net_backend& net() override { return world_.net_; }
    terminal_backend& terminal() override { return terminal_; }
    std::uint64_t random_seed() override { return seed_++; }
    std::array<std::byte, 16> boot_id() override { return {std::byte{0x51}, std::byte{number_}}; }

    std::unique_ptr<lane> make_lane(const std::string& name) override {
        auto made = std::make_unique<lane>(name, world_.clock_);
        world_.lanes_.push_back(made.get());
        return made;
    }
    void start_lane(lane&) override {}
    bool end_lane(lane& ended) override {
        std::erase(world_.lanes_, &ended);
        return true;
    }
    std::shared_ptr<void> watch_lanes(std::vector<lane*>) override { return nullptr; }
    void run_on_pool(std::function<void()> job) override { job(); }
    void finish_pool() override {}
    void run_aside(std::function<void()> job) override { job(); }
    std::unique_ptr<child_runner> make_child_runner(lane&, const executor&) override {
        return std::make_unique<no_children>();
    }
    awaitable<result<std::unique_ptr<stream::implementation>>> open_serial(std::string device, unsigned, lane& on,
                                                                           executor as) override {
        drain_state unused;
        const auto at = simulated_net::serial_port(device);
        auto opened = co_await world_.net_.connect(at, on, as, no_timeout, unused);
        if (!opened) co_return error_code(ENOENT, boost::system::system_category());
        co_return std::move(*opened);
    }
    void post_main(std::function<void()> work) override { world_.main_.push_back(std::move(work)); }
    bool run_main(const std::function<bool()>& done, steady_time until) override {
        return world_.run_until(done, until);
    }

private:
    simulation& world_;
    simulated_terminal terminal_;
    std::uint64_t seed_;
    std::uint8_t number_;
};

simulation::simulation(std::uint64_t seed) : net_(seed), next_seed_(seed) {}
simulation::~simulation() = default;

world& simulation::add_host() {
    // Hosts of one world never share a seed: the engines of two hosts must not run in step.
    next_seed_ = next_seed_ * 6364136223846793005ULL + 1442695040888963407ULL;
    hosts_.push_back(std::make_unique<host_world>(*this, next_seed_, hosts_made_++));
    return *hosts_.back();
}

simulated_terminal& simulation::terminal_of(world& host) {
    return static_cast<simulated_terminal&>(host.terminal());
}

bool simulation::step() {
    bool ran = false;
    while (!main_.empty()) {
        auto work = std::move(main_.front());
        main_.pop_front();
        work();
        ran = true;
    }
    // Index by index: what runs may end a lane.
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        lanes_[i]->timers().run_due();
        ran |= lanes_[i]->poll() > 0;
    }
    return ran;
}

bool simulation::run_until(const std::function<bool()>& done, steady_time until) {
    int turns = 0;
    for (;;) {
        if (done()) return true;
        if (step()) {
            STREAMHOST_ASSERT(++turns < most_turns_at_once);
            continue;
        }
        turns = 0;
        std::optional<steady_time> next;
        for (auto* each : lanes_) {
            const auto earliest = each->timers().earliest();
            if (earliest && (!next || *earliest < *next)) next = earliest;
        }
        if (!next || *next > until) {
            // Nothing is due before the end: time passes all the same, unless the end is never.
            if (until != steady_time::max()) clock_.move_to(std::max(until, clock_.now()));
            return false;
        }
        clock_.move_to(std::max(*next, clock_.now()));
    }
}

void simulation::run_for(duration span) {
    run_until([] { return false; }, clock_.now() + span);
}

}  // namespace streamhost
