#pragma once

#include <streamhost/module_info.hpp>
#include <streamhost/session_limits.hpp>

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace streamhost {

enum class restart_policy : std::uint8_t { never, on_failure, always };

struct restart_options {
    restart_policy policy = restart_policy::on_failure;
    std::uint32_t count = 5;                  ///< restarts within the window; one more is one too many
    std::chrono::milliseconds window{60'000};
};

/// One instance of a checked topology, ready to be made.
struct instance_plan {
    std::string name;
    std::string lane;
    module_info info;
    module_ports ports;            ///< of this instance
    boost::json::object settings;  ///< complete: defaults filled in
    restart_options restart;
    bool optional = false;   ///< the host starts without it
    bool essential = false;  ///< its failure ends the host
    session_limits limits;
    viewer_options viewers;
    std::vector<std::string> allow;
};

}  // namespace streamhost
