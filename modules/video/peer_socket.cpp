#include "peer_socket.hpp"

namespace streamhost::video {

peer_socket::peer_socket(module_context& host, std::string peer,
                         std::function<awaitable<void>(std::shared_ptr<datagram_socket>)> receive)
    : host_(host), peer_(std::move(peer)), receive_(std::move(receive)) {}

awaitable<std::string> peer_socket::look_for_peer(std::span<const std::byte> before_leaving) {
    auto dialled = co_await host_.network().dial_datagrams(peer_, turn_++);
    if (!dialled) co_return socket_ ? std::string() : dialled.error().message();
    if (socket_ && dialled->remote() == socket_->remote()) co_return std::string();
    if (socket_) {
        (void)socket_->send(before_leaving);
        socket_->close();
    }
    socket_ = std::make_shared<datagram_socket>(std::move(*dialled));
    host_.spawn(receive_(socket_));
    co_return std::string();
}

}  // namespace streamhost::video
