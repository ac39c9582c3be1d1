#pragma once

#include <streamhost/module_context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace streamhost::video {

/// A datagram socket for the one peer that a topology names. Kept for as long as the name means the same address: a peer
/// may remember whom it heard first, for ever. Confined to the module's lane; the module outlives it.
class peer_socket {
public:
    /// `receive` is spawned for each socket and reads it to its end.
    peer_socket(module_context& host, std::string peer,
                std::function<awaitable<void>(std::shared_ptr<datagram_socket>)> receive);

    /// Looks for the peer: dials where there is no socket, and where there is one that the peer does not answer, goes on
    /// to the name's next address, if it has another. `before_leaving` is sent from the socket that is given up. Says why
    /// there is no socket; empty where there is one.
    awaitable<std::string> look_for_peer(std::span<const std::byte> before_leaving);

    /// Null where there is none.
    datagram_socket* get() noexcept { return socket_.get(); }

    /// The socket has failed.
    void drop() noexcept { socket_.reset(); }

private:
    module_context& host_;
    std::string peer_;
    std::function<awaitable<void>(std::shared_ptr<datagram_socket>)> receive_;
    std::shared_ptr<datagram_socket> socket_;
    std::size_t turn_ = 0;
};

}  // namespace streamhost::video
