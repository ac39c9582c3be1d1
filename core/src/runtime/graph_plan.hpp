#pragma once

#include "runtime/instance_plan.hpp"

#include <streamhost/queue_policy.hpp>

#include <string>
#include <vector>

namespace streamhost {

/// One link of a checked topology.
struct link_plan {
    std::string name;  ///< "camera.frames -> jpeg.frames"
    std::string from_instance;
    std::string from_port;
    std::string to_instance;
    std::string to_port;
    queue_options queue;
};

/// All that a host is to run.
struct graph_plan {
    std::string name;
    std::vector<instance_plan> instances;
    std::vector<link_plan> links;
};

}  // namespace streamhost
