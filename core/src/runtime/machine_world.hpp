#pragma once

#include "async/machine_clock.hpp"
#include "net/machine_net.hpp"
#include "terminal/machine_terminal.hpp"
#include "runtime/world.hpp"
#include "runtime/main_queue.hpp"

#include <streamhost/export.hpp>

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace streamhost {

/// The machine as it is.
class STREAMHOST_API machine_world final : public world {
public:
    machine_world();
    ~machine_world() override;

    const clock& time() const override { return clock_; }
    net_backend& net() override { return net_; }
    terminal_backend& terminal() override { return terminal_; }
    std::uint64_t random_seed() override;
    std::array<std::byte, 16> boot_id() override;
    std::unique_ptr<lane> make_lane(const std::string& name) override;
    void start_lane(lane& started) override;
    bool end_lane(lane& ended) override;
    std::shared_ptr<void> watch_lanes(std::vector<lane*> lanes) override;
    void run_on_pool(std::function<void()> job) override;
    void finish_pool() override;
    void run_aside(std::function<void()> job) override;
    std::unique_ptr<child_runner> make_child_runner(lane& on, const executor& as) override;
    awaitable<result<std::unique_ptr<stream::implementation>>> open_serial(std::string device, unsigned baud, lane& on,
                                                                           executor as) override;
    void post_main(std::function<void()> work) override { main_.post(std::move(work)); }
    bool run_main(const std::function<bool()>& done, steady_time until) override { return main_.run(done, until); }

private:
    machine_clock clock_;
    machine_net net_;
    machine_terminal terminal_;
    main_queue main_;
    std::mutex pool_mutex_;
    std::condition_variable pool_changed_;
    int pool_jobs_ = 0;
    std::shared_ptr<std::atomic<int>> aside_jobs_ = std::make_shared<std::atomic<int>>(0);  // may outlive the world
    std::unique_ptr<asio::thread_pool> pool_;  // both made when first needed
    std::unique_ptr<asio::thread_pool> aside_;
};

}  // namespace streamhost
