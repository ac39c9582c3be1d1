#pragma once

#include "topology/check.hpp"

/// The steps of `check`, each in its own file. They share a draft that grows into the plan.
namespace streamhost {

struct draft {
    const topology& source;
    const catalogue& types;
    problem_list& problems;
    plan result;  ///< `instances` run parallel to `source.instances`; `info` is null where the type is not known

    /// Parallel to `result.links`: where each was written.
    std::vector<const topology_link*> origins;
    /// Parallel to `result.instances`: a link to it has a problem, so what it seems to lack it may have.
    std::vector<bool> link_trouble;

    std::string path_of(std::size_t instance) const { return path_to("modules", source.instances[instance].name); }
};

/// Types and settings.
void check_instances(draft& draft);
/// Ends, ports, types and queues.
void check_links(draft& draft);
/// Inputs that need a link and have none.
void check_unlinked_inputs(draft& draft);
/// What only one instance may hold.
void check_exclusive(draft& draft);
/// Listeners that others can reach.
void check_listeners(draft& draft);
/// `wait` behind a capture, and in a circle.
void check_waiting(draft& draft);

}  // namespace streamhost
