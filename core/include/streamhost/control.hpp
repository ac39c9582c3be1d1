#pragma once

#include <streamhost/export.hpp>

#include <boost/json/object.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// Talking to the hosts that run on this machine, each through its Unix socket. A question is one line of JSON, and so is
/// the answer:
///
///     {"do": "status"}                                  -> {"good": true, "status": {...}}
///     {"do": "plan", "topology": "/path/new.json"}      -> {"good": true, "text": "camera: adjusted (fps: 15 -> 30)\n"}
///     {"do": "reload"}                                  -> {"good": false, "text": "robot.json:3:5: ..."}
///
/// `topology` may be left out: the file that the host runs, as it was started. With it `set` may be given, an object of
/// texts, as `--set` has them. Only the host's own user and root are answered.
namespace streamhost {

/// Where the hosts of this user have their sockets: below XDG_RUNTIME_DIR, or /run/streamhost for root, else below /tmp.
STREAMHOST_API std::filesystem::path control_folder();

/// The sockets of the hosts that run, found by name or process id; all of them where `which` is empty. A path is taken as
/// it is.
STREAMHOST_API std::vector<std::filesystem::path> find_hosts(std::string_view which);

/// Asks one host; waits at most half a minute. Throws `configuration_error` where it does not answer.
STREAMHOST_API boost::json::object ask_host(const std::filesystem::path& socket, const boost::json::object& question);

}  // namespace streamhost
