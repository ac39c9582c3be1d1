#pragma once

#include "net/address_book.hpp"
#include "topology/plan_change.hpp"
#include "runtime/running_graph.hpp"
#include "runtime/world.hpp"

#include <streamhost/log.hpp>
#include <streamhost/snapshot.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace streamhost {

/// One running graph: lanes, instances, links, from start to drain. Made, run and destroyed on the main thread.
class STREAMHOST_API host_runtime final : public instance_host {
public:
    /// `services`: for instances that ask about the whole host; null where nobody answers. Outlives it.
    host_runtime(streamhost::plan plan, world& in, host_services* services = nullptr);
    ~host_runtime() override;
    host_runtime(const host_runtime&) = delete;
    host_runtime& operator=(const host_runtime&) = delete;

    /// Prepares all, runs all, drains all. `ready` is called once everything is prepared. Returns the exit status: 0, or
    /// 1 where something failed.
    int run(const std::function<void()>& ready);

    /// Any thread: runs `job` on the main thread while everything runs; never, where the host ends before.
    void call_between(std::function<void()> job);

    /// Main thread, in such a job: turns what runs into `next`. Empty where that is done, else what failed, a line each:
    /// then everything is as before. `taken_over` is called once the new graph runs and nothing can fail any more, before
    /// what leaves drains.
    std::string change_to(streamhost::plan next, const std::function<void()>& taken_over = {});
    /// Main thread: what `change_to` would do.
    plan_change change_for(const streamhost::plan& next) const;

    /// Any thread. The first call drains.
    void stop_host(std::string_view reason) override;

    /// Any thread.
    host_snapshot snapshot() const override;

    /// A task could not be ended: the process must not run destructors that would pull memory from under it.
    bool abandoned() const noexcept { return abandoned_; }

private:
    enum class start_result : std::uint8_t { prepared, failed, stopped };

    void instance_changed() override;
    host_services* services() override { return services_; }
    std::shared_ptr<void> shared_object(std::string_view key,
                                        const std::function<std::shared_ptr<void>()>& make) override;

    void make_graph();
    std::string placement() const;
    start_result prepare_all();
    void report_failures();
    bool tell(const std::function<void()>& ready);
    void run_all();
    bool take_job();
    std::vector<lane*> all_lanes() const;
    std::string name() const;
    int drain_all(int status);
    bool all_over() const;
    bool failed(const instance& each) const;
    bool lost_essential() const;
    std::string names_of_living() const;

    world& world_;
    host_services* const services_;
    logger log_{"host"};
    address_book book_;
    graph_maker maker_;
    mutable std::mutex graph_mutex_;  // the main thread locks it to change, the others to read
    running_graph graph_;
    std::shared_ptr<void> watchdog_;
    std::mutex jobs_mutex_;
    std::deque<std::function<void()>> jobs_;
    std::vector<std::shared_ptr<void>> left_behind_;
    mutable std::mutex shared_mutex_;
    std::map<std::string, std::weak_ptr<void>, std::less<>> shared_;
    std::atomic<bool> stop_requested_{false};
    bool abandoned_ = false;
};

}  // namespace streamhost
