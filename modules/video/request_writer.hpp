#pragma once

#include "udp_wire.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace streamhost::video {

/// How a viewer asks a server of datagrams for pictures. Confined to one thread.
class request_writer {
public:
    virtual ~request_writer() = default;

    /// Valid until the next call of `read`.
    virtual std::span<const std::byte> view() const = 0;
    virtual std::span<const std::byte> bye() const = 0;

    enum class answer {
        none,       ///< the datagram is no answer: a picture, or a part of one
        refused,
        ask_again,  ///< the server has said how to ask
        known,      ///< nothing new
    };
    virtual answer read(std::span<const std::byte> datagram) = 0;
};

std::unique_ptr<request_writer> make_request_writer(udp_wire wire);

}  // namespace streamhost::video
