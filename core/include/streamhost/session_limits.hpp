#pragma once

#include <streamhost/queue_policy.hpp>

#include <chrono>
#include <cstdint>

namespace streamhost {

/// The bounds of a listener and of every session behind it: `limits` in a topology, for the whole host or for one
/// instance.
struct session_limits {
    std::uint32_t max_connections = 1024;
    std::uint64_t message_bytes = 8 * 1024 * 1024;       ///< the largest message that a peer may send
    std::chrono::milliseconds handshake_ms{2000};        ///< from connected to known
    std::chrono::milliseconds message_ms{10'000};        ///< from the first byte of a message to its last

    bool operator==(const session_limits&) const = default;
};

/// What a server module does for its remote consumers: `viewers` in a topology.
struct viewer_options {
    queue_choice queue{};                       ///< over the viewer default of the message type
    std::uint32_t max = 64;                     ///< viewers at once
    std::uint32_t lanes = 0;                    ///< of their own, for those that are only sent something; 0: the module's
    bool sendfile = false;                      ///< large messages are shared with the kernel, not copied for each viewer
    std::chrono::milliseconds stall_ms{10'000};  ///< without progress while something is unsent: cut

    bool operator==(const viewer_options&) const = default;
};

}  // namespace streamhost
