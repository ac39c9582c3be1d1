#pragma once

#include "async/lane.hpp"
#include "net/address_book.hpp"
#include "net/instance_network.hpp"
#include "runtime/instance_view.hpp"
#include "terminal/instance_terminal.hpp"
#include "runtime/world.hpp"
#include "topology/plan.hpp"

#include <streamhost/module.hpp>
#include <streamhost/snapshot.hpp>
#include <streamhost/task_group.hpp>

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace streamhost {

enum class instance_state { starting, prepared, running, restarting, ended, failed };

std::string_view to_string(instance_state state) noexcept;

/// What the instances share with their host. Called from any lane.
class instance_host {
public:
    virtual ~instance_host() = default;
    virtual void instance_changed() = 0;
    virtual void stop_host(std::string_view reason) = 0;
    virtual host_snapshot snapshot() const = 0;
    /// Null where nobody can change the topology.
    virtual host_services* services() = 0;
    virtual std::shared_ptr<void> shared_object(std::string_view key,
                                                const std::function<std::shared_ptr<void>()>& make) = 0;
};

/// One instance of a topology: its ports, its module object of the moment, and its life. Made by the main thread, and
/// destroyed when it is over: on its lane, or after that has ended. In between confined to its lane, except where said
/// otherwise.
class instance {
public:
    /// `viewer_lanes`: as many as `plan.viewers.lanes` says.
    /// `holder`: its number in the address book.
    instance(plan_instance plan, world& world, lane& on, const std::vector<lane*>& viewer_lanes, address_book& book,
             socket_holder holder, instance_host& host, message_origin origin);
    ~instance();

    /// These post to the lane. Any thread.
    void start();
    void go();
    void begin_drain();
    void terminate();

    /// Main thread: goes on with the settings, restart, log level and importance of `next`, which differ in nothing else
    /// but settings that may change while it runs.
    void adjust(plan_instance next);

    /// Any thread.
    instance_state state() const noexcept { return state_.load(std::memory_order_acquire); }
    bool prepared() const noexcept { return state() != instance_state::starting; }
    bool over() const noexcept { return state() == instance_state::ended || state() == instance_state::failed; }
    std::string failure() const;    ///< of the last life; empty after a good one
    std::string condition() const;
    std::uint32_t restarts() const noexcept { return restarts_.load(std::memory_order_relaxed); }
    std::int64_t busy_ns() const noexcept { return activity_.busy_ns.load(std::memory_order_relaxed); }
    void for_each_metric(const std::function<void(const std::string& name, const std::string& help,
                                                  std::uint64_t value)>& visit) const;

    const viewer_register& viewers() const noexcept { return viewers_; }
    instance_snapshot snapshot(std::int64_t now_ns) const;

    /// Main thread. `settings` and `restart` are those that it was made with.
    const plan_instance& plan() const noexcept { return plan_; }
    bool optional() const noexcept { return optional_.load(std::memory_order_relaxed); }
    bool essential() const noexcept { return essential_.load(std::memory_order_relaxed); }
    socket_holder holder() const noexcept { return holder_; }
    const std::string& name() const noexcept { return plan_.name; }
    lane& on() noexcept { return lane_; }
    input_port& input(std::string_view port);
    output_port& output(std::string_view port);
    const std::vector<std::unique_ptr<input_port>>& inputs() const noexcept { return inputs_; }
    const std::vector<std::unique_ptr<output_port>>& outputs() const noexcept { return outputs_; }

private:
    friend class module_context;
    friend class ticker;

    struct metric_entry {
        std::string help;
        std::deque<counter> parts;  ///< one for each lane that counts; they stay where they are

        std::uint64_t sum() const noexcept;
    };

    awaitable<void> supervise();
    void begin_life();
    awaitable<std::exception_ptr> live();
    void take_settings(boost::json::object settings);
    bool is_way_of_draining(const std::exception_ptr& failure) const;
    awaitable<std::exception_ptr> join(task_group& group);
    awaitable<bool> pause(duration delay);
    bool may_restart(const std::exception_ptr& failure);
    void set_running(bool running);
    void close_outputs();
    void set_state(instance_state state, std::string failure = {});
    counter& metric(std::string_view name, std::string_view help, std::size_t lane);

    const plan_instance plan_;
    boost::json::object settings_;  // of the next life, and of this one where it could take them
    restart_options restart_;
    std::atomic<bool> optional_;
    std::atomic<bool> essential_;
    world& world_;
    lane& lane_;
    address_book& book_;
    const socket_holder holder_;
    instance_host& host_;
    message_origin origin_;
    activity activity_;
    executor executor_;
    std::deque<activity> viewer_activities_;
    std::vector<lane_place> viewer_lanes_;
    viewer_register viewers_;
    logger log_;
    random_engine random_;
    drain_state drain_;
    std::vector<std::unique_ptr<input_port>> inputs_;
    std::vector<std::unique_ptr<output_port>> outputs_;
    mutable std::mutex metrics_mutex_;
    std::map<std::string, metric_entry, std::less<>> metrics_;
    std::unique_ptr<instance_network> network_;
    std::unique_ptr<child_runner> children_;
    instance_terminal terminal_;
    instance_view view_;
    module_context context_;
    std::unique_ptr<module> module_;
    std::optional<task_group> preparing_;  // new ones for each life
    std::optional<task_group> tasks_;
    event go_;
    bool may_go_ = false;
    bool terminated_ = false;
    std::vector<steady_time> recent_restarts_;
    backoff restart_delay_;
    std::atomic<instance_state> state_{instance_state::starting};
    std::atomic<std::uint32_t> restarts_{0};
    mutable std::mutex text_mutex_;
    std::string failure_;
    std::string condition_;
    task_group supervisor_;  // last: it works with all of the above
};

}  // namespace streamhost
