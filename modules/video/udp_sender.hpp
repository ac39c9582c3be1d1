#pragma once

#include "datagram_packer.hpp"
#include "peer_socket.hpp"
#include "udp_wire.hpp"

#include <streamhost/module.hpp>

#include <string>

namespace streamhost::video {

struct udp_sender_settings {
    std::string connect = "127.0.0.1:9696";
    udp_wire wire = udp_wire::base64_jpeg;
};

/// `video.udp_sender`: sends what arrives on its input to one address, whether somebody asked for it or not; while nobody
/// receives there, a picture now and then.
class udp_sender final : public module {
public:
    static module_info describe();

    udp_sender(module_context& host, udp_sender_settings chosen);

    awaitable<void> run() override;

private:
    awaitable<void> receive(std::shared_ptr<datagram_socket> from);
    awaitable<bool> has_receiver();
    awaitable<void> send(shared_bytes datagram);

    module_context& host_;
    udp_sender_settings chosen_;
    input<encoded_image> images_;
    peer_socket receiver_;
    datagram_packer packer_;
    steady_time refused_at_;
    steady_time looked_at_;
    counter& count_sent_;
    counter& count_bytes_;
    counter& count_dropped_;
};

}  // namespace streamhost::video
