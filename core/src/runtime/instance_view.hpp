#pragma once

#include "async/lane.hpp"

#include <streamhost/drain.hpp>
#include <streamhost/host_view.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace streamhost {

/// What answers questions about the whole host. Called on any lane; `done` is called on the main thread, and never
/// where the host ends before.
class host_services {
public:
    using done = std::function<void(const reload_report&)>;

    virtual ~host_services() = default;
    virtual running_topology topology() const = 0;
    virtual std::vector<std::string> log_tail(std::string_view name) const = 0;
    virtual void preview(done then, topology_choice which) = 0;
    /// `then` is called as soon as the new topology runs, before what leaves has drained.
    virtual void reload(done then, topology_choice which) = 0;
};

/// What an instance's view works with. Everything outlives it.
struct instance_view_parts {
    std::function<host_snapshot()> snapshot;
    host_services* services;  ///< null where nobody can change the topology
    lane& on;
    drain_state& drain;
};

/// The host as one instance sees it.
class instance_view final : public host_view {
public:
    explicit instance_view(instance_view_parts parts) : parts_(std::move(parts)) {}

    host_snapshot snapshot() const override { return parts_.snapshot(); }
    running_topology topology() const override;
    std::vector<std::string> log_tail(std::string_view name) const override;
    awaitable<reload_report> preview(topology_choice which) override;
    awaitable<reload_report> reload(topology_choice which) override;

private:
    struct question;

    awaitable<reload_report> wait_for(std::shared_ptr<question> asked);
    host_services::done answer_to(const std::shared_ptr<question>& asked) const;

    instance_view_parts parts_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();  // the main thread looks, while the lane cannot go
};

}  // namespace streamhost
