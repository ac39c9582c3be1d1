#pragma once

#include <streamhost/host.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace streamhost {

struct host_control_parts {
    host& of;
    std::string name;              ///< of the topology
    std::filesystem::path folder;  ///< for the socket
    /// Any thread: the topology file that is to be watched; empty while none is.
    std::function<std::string()> watched_file;
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
