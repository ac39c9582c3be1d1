#pragma once

#include "topology/plan.hpp"

#include <streamhost/export.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost {

/// The module types that a topology may name.
struct catalogue {
    /// Null for a type that does not exist. Throws `configuration_error` for one that exists and cannot be used; its
    /// text becomes the problem. What it returns must outlive the plan.
    std::function<const module_info*(std::string_view type)> find;
    std::vector<std::string> types;  ///< for suggestions
};

struct check_result {
    std::optional<streamhost::plan> plan;  ///< there unless an error was found
    std::vector<problem> problems;         ///< by place; with a plan, warnings only
};

/// Everything about a topology that can be known before anything starts: types, settings, ports, links, queues, and
/// what two instances must not share. Never throws for what the topology says.
STREAMHOST_API check_result check(const topology& topology, const catalogue& catalogue, problem_list problems = {});

/// Reads and checks.
STREAMHOST_API check_result check(const topology_text& source, const catalogue& catalogue);

/// The problems as lines, each with its line end.
STREAMHOST_API std::string report(const std::vector<problem>& problems, const topology_text& source);

}  // namespace streamhost
