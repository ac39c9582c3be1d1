#pragma once

#include "peer_socket.hpp"
#include "received_pictures.hpp"
#include "request_writer.hpp"

#include <streamhost/module.hpp>

#include <string>

namespace streamhost::video {

struct udp_client_settings {
    std::string connect = "127.0.0.1:9699";
    udp_wire wire = udp_wire::base64_jpeg;
};

/// `video.udp_client`: asks a server for its pictures by datagrams, again and again: often until they come and when they
/// stop, every few seconds while they do.
class udp_client final : public module {
public:
    static module_info describe();

    udp_client(module_context& host, udp_client_settings chosen);

    awaitable<void> run() override;

private:
    enum class state { silent, refused_by_host, refused_by_server, viewing };

    awaitable<void> receive(std::shared_ptr<datagram_socket> from);
    awaitable<void> take(const arrival& came, std::span<const std::byte> datagram);
    void ask_again();
    void note(state now);
    bool pictures_come() const;
    bool is_refused() const;
    std::string why_none() const;

    module_context& host_;
    udp_client_settings chosen_;
    std::unique_ptr<request_writer> words_;
    std::unique_ptr<picture_reader> reader_;
    received_pictures pictures_;
    peer_socket server_;
    state state_ = state::silent;
    steady_time noted_at_;        ///< when that was seen last
    steady_time asked_again_at_;  ///< when the server was last answered at once
};

}  // namespace streamhost::video
