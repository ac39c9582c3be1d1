#pragma once

#include "graph/link.hpp"
#include "net/address_book.hpp"
#include "topology/plan.hpp"
#include "runtime/instance.hpp"
#include "runtime/world.hpp"

#include <streamhost/log.hpp>
#include <streamhost/snapshot.hpp>

#include <atomic>
#include <cstdint>
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
    host_runtime(streamhost::plan plan, world& in);
    ~host_runtime() override;
    host_runtime(const host_runtime&) = delete;
    host_runtime& operator=(const host_runtime&) = delete;

    /// Prepares all, runs all, drains all. `ready` is called once everything is prepared. Returns the exit status: 0, or
    /// 1 where something failed.
    int run(const std::function<void()>& ready);

    /// Any thread. The first call drains.
    void stop_host(std::string_view reason) override;

    /// Any thread.
    host_snapshot snapshot() const;

    /// A task could not be ended: the process must not run destructors that would pull memory from under it.
    bool abandoned() const noexcept { return abandoned_; }

private:
    enum class start_result : std::uint8_t { prepared, failed, stopped };

    void instance_changed() override;
    std::shared_ptr<void> shared_object(std::string_view key,
                                        const std::function<std::shared_ptr<void>()>& make) override;

    lane& lane_named(const std::string& name);
    void make_links();
    std::string placement() const;
    start_result prepare_all();
    void report_failures();
    bool tell(const std::function<void()>& ready);
    int drain_all(int status);
    bool all_over() const;
    bool failed(const instance& each) const;
    bool lost_essential() const;
    std::string names_of_living() const;

    streamhost::plan plan_;
    world& world_;
    logger log_{"host"};
    address_book book_;
    std::map<std::string, std::unique_ptr<lane>> lanes_;
    std::vector<std::unique_ptr<instance>> instances_;
    std::vector<std::unique_ptr<link>> links_;
    mutable std::mutex shared_mutex_;
    std::map<std::string, std::weak_ptr<void>, std::less<>> shared_;
    std::atomic<bool> stop_requested_{false};
    bool abandoned_ = false;
};

}  // namespace streamhost
