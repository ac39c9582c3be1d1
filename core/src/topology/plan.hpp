#pragma once

#include "topology/topology.hpp"

#include <streamhost/module_info.hpp>

#include <string>
#include <vector>

namespace streamhost {

/// One instance, with nothing left to ask: what the host makes and runs.
struct plan_instance {
    std::string name;
    const module_info* info = nullptr;  ///< the catalogue's
    boost::json::object settings;       ///< every setting, checked, in canonical form
    module_ports ports;
    std::string lane;
    restart_options restart;
    bool optional = false;
    bool essential = false;
    viewer_options viewers;
    session_limits limits;
    std::vector<std::string> allow;
    std::string log_level;  ///< empty: the host's
};

/// One link between two ports of `plan::instances`.
struct plan_link {
    std::size_t from = 0;
    std::string output;
    std::size_t to = 0;
    std::string input;
    const message_type* type = nullptr;  ///< null: any, known at run time only
    queue_options queue;
    bool may_block = false;
    link_fault fault;
};

/// A checked topology.
struct plan {
    std::string name;
    std::string log_level;  ///< empty: the command line's or the usual one
    bool watch = false;     ///< another content of the file is taken at once
    std::vector<plan_instance> instances;
    std::vector<plan_link> links;

    /// The lanes in the order of their first instance.
    STREAMHOST_API std::vector<std::string> lanes() const;
};

/// "camera.frames -> jpeg.frames"
STREAMHOST_API std::string to_text(const plan& plan, const plan_link& link);

/// The plan as a Mermaid flow chart: a box per lane, links with their type and queue.
STREAMHOST_API std::string mermaid(const plan& plan);

}  // namespace streamhost
