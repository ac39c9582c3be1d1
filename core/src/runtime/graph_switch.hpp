#pragma once

#include "topology/plan_change.hpp"
#include "runtime/running_graph.hpp"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace streamhost {

/// What a graph switch works with. Everything outlives it.
struct graph_switch_parts {
    running_graph& graph;
    graph_maker& maker;
    world& in;
    address_book& book;
    logger& log;
    std::function<bool()> host_ends;  ///< nothing new is begun any more
    /// Puts another graph in the place of the running one, where other threads look.
    std::function<void(plan next, std::vector<std::shared_ptr<instance>> instances,
                       std::vector<std::shared_ptr<link>> links)>
        exchange;
    /// The new graph runs and nothing can fail any more; what leaves has not drained yet. May be empty.
    std::function<void()> taken_over;
    /// Something could not be ended: it is kept for ever, since a thread may still be in there.
    std::function<void(std::shared_ptr<void> what)> abandon;
};

/// Turns the running graph into another one: prepares what is new beside what runs, then lets it take over, or leaves
/// everything as it was. What is unchanged notices nothing: its sockets, queues and sequences stay. Made for one use, on
/// the main thread, between two calls of `world::run_main`.
class graph_switch {
public:
    /// `change`: from the running plan to `next`.
    graph_switch(graph_switch_parts parts, plan next, plan_change change);

    /// What failed, a line each, and then everything is as before; empty: the new graph runs.
    std::string run();

private:
    using instances = std::vector<std::shared_ptr<instance>>;
    using links = std::vector<std::shared_ptr<link>>;

    /// A link of the running graph that does not stay.
    struct old_link {
        std::shared_ptr<link> which;
        std::shared_ptr<instance> from, to;
        std::string output, input;
    };
    struct lane_work {
        lane* on;
        std::function<void()> work;
    };

    void make_instances();
    void make_links();
    void start_fresh_lanes();
    std::string prepare(const instances& which);
    std::string hand_over_exclusive();
    void restore(const running_state& state);
    void attach_to_kept_inputs();
    void take_over();
    void undo();
    void retire(const instances& which);
    void let_go_of_old_links();
    void discard(instances which, links their_links);
    void end_unused_lanes();
    bool wait_until_over(const instances& which, duration limit);
    bool on_lanes(const std::vector<lane_work>& work);
    bool on_all_lanes();
    bool stays(const std::shared_ptr<instance>& which) const;

    graph_switch_parts parts_;
    plan next_;
    plan_change change_;
    bool restoring_ = false;
    instances after_;      // as in `next_`
    links links_after_;    // as in `next_`
    instances fresh_;      // made here
    links fresh_links_;
    instances at_once_;    // of the fresh ones
    instances waiting_;    // of the fresh ones: what they need is held by some that leave
    instances leaving_;
    std::vector<old_link> old_links_;
    std::vector<lane*> fresh_lanes_;
};

}  // namespace streamhost
