#pragma once

#include "topology/located_value.hpp"
#include "topology/variables.hpp"

#include <streamhost/export.hpp>
#include <streamhost/queue_policy.hpp>
#include <streamhost/session_limits.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhost {

inline constexpr std::size_t max_instances = 256;
inline constexpr std::size_t max_links = 1024;

enum class restart_policy : std::uint8_t { never, on_failure, always };

/// When an instance that ended is made again: at most `count` times within `window`, then it has failed for good.
struct restart_options {
    restart_policy policy = restart_policy::on_failure;
    std::uint32_t count = 5;
    std::chrono::seconds window{60};

    bool operator==(const restart_options&) const = default;
};

/// The text of a topology and all that changes it.
struct topology_text {
    std::string file;  ///< for messages
    std::string text;
    std::vector<std::pair<std::string, std::string>> sets;  ///< `--set path=value`, in their order
    environment_lookup variables{};                         ///< may be empty: nothing is set
    bool allow_faults = false;                              ///< links may have a `fault`
};

/// One entry of `modules`: what the host reads itself, and the settings still as they were written.
struct topology_instance {
    std::string name;
    place where;       ///< of the name
    std::string type;  ///< empty where that was a problem already
    place type_where;
    located_value settings;  ///< an object, without the host's keys
    std::string lane = "default";
    restart_options restart;
    bool optional = false;
    bool essential = false;
    queue_choice queue;
    viewer_options viewers;
    session_limits limits;
    std::vector<std::string> allow;  ///< canonical networks
    std::string log_level;           ///< empty: the host's
    /// Host keys that only some types can take, as they were given: `viewers`, `limits`, `allow`.
    std::vector<std::pair<std::string, place>> listener_keys;
};

/// "instance" or "instance.port" of a link.
struct link_end {
    std::string instance;
    std::string port;  ///< empty: implied
};

/// One entry of `links`: a chain of two or more ends.
struct topology_link {
    place where;
    std::string path;  ///< "links[2]"
    std::vector<link_end> ends;
    queue_choice queue;
    place queue_where;
    bool may_block = false;
    link_fault fault;
};

/// A topology whose own keys are read; what needs the module types is not looked at yet.
struct topology {
    std::string name = "streamhost";
    std::string log_level;
    bool watch = false;  ///< another content of the file is taken at once
    std::vector<std::string> lanes;  ///< as declared; empty: any name makes one
    std::vector<topology_instance> instances;
    std::vector<topology_link> links;
    /// Links could not be read: what seems to lack one may have it.
    bool links_incomplete = false;
    bool readable = true;  ///< false: nothing in here can be looked at

    STREAMHOST_API const topology_instance* find(std::string_view instance_name) const;
};

/// Reads a topology from JSON to its last host key. Whatever is wrong lands in `problems`; what could be read is
/// returned all the same, so that the rest is checked as well.
STREAMHOST_API topology read_topology(const topology_text& source, problem_list& problems);

/// Splits "a.out -> b -> c.in"; nothing where it is no such text.
std::optional<std::vector<link_end>> parse_link_path(std::string_view text);

/// Whether it is fit for an instance, a lane or a topology: 1 to 64 of a-z, 0-9, "_" and "-".
bool is_name(std::string_view text);

}  // namespace streamhost
