#pragma once

#include "topology/topology.hpp"

#include <streamhost/describe.hpp>

#include <span>
#include <string>

/// The keys that a topology gives to the host itself, described like the settings of a module.
namespace streamhost {

const std::vector<std::string>& host_key_names();
const std::vector<std::string>& log_levels();

/// The keys of `queue`, `viewers` (besides `queue`), `limits`, `restart`, and a link's `fault`.
const settings_schema<queue_choice>& queue_schema();
const settings_schema<viewer_options>& viewers_schema();
const settings_schema<session_limits>& limits_schema();
const settings_schema<restart_options>& restart_schema();
const settings_schema<link_fault>& fault_schema();

/// Read one host key. What is wrong is a problem and leaves `base`'s value.
queue_choice read_queue(const located_value& value, const std::string& path, problem_list& problems);
viewer_options read_viewers(const located_value& value, const std::string& path, problem_list& problems);
session_limits read_limits(const located_value& value, const std::string& path, const session_limits& base,
                           problem_list& problems);
restart_options read_restart(const located_value& value, const std::string& path, problem_list& problems);
link_fault read_fault(const located_value& value, const std::string& path, problem_list& problems);
/// Networks in canonical form: a list of them, or one as a text. None: this machine only.
std::vector<std::string> read_allow(const located_value& value, const std::string& path, problem_list& problems);
std::string read_log_level(const located_value& value, const std::string& path, problem_list& problems);
bool read_flag(const located_value& value, const std::string& path, problem_list& problems);
/// A name as `is_name` takes it; `fallback` where it is none.
std::string read_name(const located_value& value, const std::string& path, std::string fallback,
                      problem_list& problems);

/// Why the keys that are reserved for later cannot be given yet; empty for every other key.
std::string unavailable(std::string_view key);

}  // namespace streamhost
