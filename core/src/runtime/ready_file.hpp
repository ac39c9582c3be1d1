#pragma once

#include <streamhost/snapshot.hpp>

#include <string>

namespace streamhost {

/// Tells scripts that everything is prepared: process id and bound addresses as JSON, renamed into place so that nobody
/// reads half of it. Throws `configuration_error`.
void write_ready_file(const std::string& path, const host_snapshot& now);

/// Tells systemd, where it asked (sd_notify(3)): "READY=1" and the like.
void notify_service_manager(const std::string& state);

}  // namespace streamhost
