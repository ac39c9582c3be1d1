#pragma once

#include <streamhost/viewer_record.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace streamhost {

/// What a host does at one moment, as plain values: for metrics, status displays and tests.
struct port_place {
    std::string instance;
    std::string port;
};

struct link_snapshot {
    std::string name;    ///< "camera.frames -> jpeg.frames"
    port_place from;
    port_place to;
    std::string policy;  ///< "latest, 1 item"
    std::uint64_t accepted = 0;
    std::uint64_t delivered = 0;
    std::uint64_t bytes = 0;
    std::vector<std::pair<std::string, std::uint64_t>> dropped;  ///< by reason, every reason once
    std::uint64_t depth = 0;         ///< messages that wait now
    std::uint64_t depth_bytes = 0;
    std::int64_t head_age_ns = 0;    ///< of the oldest one that waits
    std::int64_t wait_p50_ns = 0;    ///< from arrival in the host to delivery
    std::int64_t wait_p99_ns = 0;
};

struct metric_snapshot {
    std::string name;
    std::string help;
    std::uint64_t value = 0;
};

struct output_snapshot {
    std::string name;
    std::uint64_t sent = 0;          ///< messages, whatever their links did with them
    std::uint64_t post_dropped = 0;  ///< messages that other threads posted faster than the lane takes them
};

struct instance_snapshot {
    std::string name;
    std::string type;
    std::string lane;
    std::string state;      ///< "running", "restarting", "failed", ...
    std::string condition;  ///< "no signal", or empty
    std::string failure;    ///< of its last life, or empty
    std::uint32_t restarts = 0;
    std::int64_t busy_ns = 0;  ///< time on its lane
    boost::json::object settings;  ///< of the topology, with their defaults; without what is secret in them
    std::vector<std::string> inputs;
    std::vector<output_snapshot> outputs;
    std::vector<metric_snapshot> metrics;
    std::vector<viewer_snapshot> viewers;
};

struct address_snapshot {
    std::string instance;
    std::string address;  ///< as written in the topology
    std::string bound;    ///< with the port that was really bound
};

struct host_snapshot {
    std::string name;
    std::vector<instance_snapshot> instances;
    std::vector<link_snapshot> links;
    std::vector<address_snapshot> addresses;
};

}  // namespace streamhost
