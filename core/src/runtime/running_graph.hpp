#pragma once

#include "graph/link.hpp"
#include "net/address_book.hpp"
#include "topology/plan.hpp"
#include "runtime/instance.hpp"
#include "runtime/world.hpp"

#include <streamhost/log.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace streamhost {

/// What runs: a plan, and an object for each of its parts. Main thread.
struct running_graph {
    streamhost::plan plan;
    std::map<std::string, std::unique_ptr<lane>> lanes;
    std::vector<std::shared_ptr<instance>> instances;  ///< as in the plan
    std::vector<std::shared_ptr<link>> links;          ///< as in the plan
};

/// Makes the parts of running graphs, and gives each instance numbers that no other of this host ever has. Main thread.
class graph_maker {
public:
    graph_maker(world& in, address_book& book, instance_host& host);

    /// An instance that does nothing yet. Lanes that it needs are made where they are missing; the new ones are added to
    /// `fresh_lanes` and do not run yet.
    std::shared_ptr<instance> make_instance(running_graph& graph, const plan_instance& plan,
                                            std::vector<lane*>& fresh_lanes);

    /// A link that is attached to neither end yet.
    std::shared_ptr<link> make_link(const plan& plan, const plan_link& link, instance& from, instance& to);

private:
    lane& lane_named(running_graph& graph, const std::string& name, std::vector<lane*>& fresh_lanes);

    world& world_;
    address_book& book_;
    instance_host& host_;
    logger log_{"host"};
    std::uint32_t next_origin_;
    socket_holder next_holder_ = 1;
};

}  // namespace streamhost
