#pragma once

#include <streamhost/host.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace streamhost {

struct host_control_parts {
    host& of;
    std::filesystem::path folder;  ///< for the socket
    // Any thread:
    std::function<std::string()> name;                           ///< of the topology that runs
    std::function<std::optional<running_topology>()> watched;  ///< where its file is to be watched
};

/// Answers questions to a running host at its Unix socket (see `<streamhost/control.hpp>`), and reloads when the watched
/// topology file has another content. On a thread of its own, so that it answers whatever the lanes do. Without a folder
/// to write to there is no socket: that is said, and everything else goes on.
class host_control {
public:
    explicit host_control(host_control_parts parts);
    ~host_control();
    host_control(const host_control&) = delete;
    host_control& operator=(const host_control&) = delete;

private:
    class implementation;
    std::unique_ptr<implementation> inner_;
};

}  // namespace streamhost
