#pragma once

#include "pacing.hpp"
#include "peer_socket.hpp"
#include "picture_packer.hpp"

#include <streamhost/module.hpp>

#include <string>

namespace streamhost::video {

struct udp_sender_settings {
    std::string connect = "127.0.0.1:9696";
    udp_wire wire = udp_wire::base64_jpeg;
    std::string sdp;
    int spread = usual_spread;
};

/// `video.udp_sender`: sends what arrives on its input to one address, whether somebody asked for it or not; while nobody
/// receives there, a picture now and then.
class udp_sender final : public module {
public:
    static module_info describe();
    static void check(const udp_sender_settings& chosen);

    udp_sender(module_context& host, udp_sender_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    awaitable<void> receive(std::shared_ptr<datagram_socket> from);
    awaitable<bool> has_receiver();
    awaitable<void> describe_session(net_address receiver);
    awaitable<void> send(packed_picture picture);
    awaitable<bool> send_burst(std::span<std::byte> burst, std::size_t datagram);

    module_context& host_;
    udp_sender_settings chosen_;
    input<encoded_image> images_;
    peer_socket receiver_;
    std::unique_ptr<picture_packer> packer_;
    pacing pacing_;
    std::uint64_t datagrams_ = 0;  ///< sent
    net_address described_;        ///< what the file of the session says
    steady_time refused_at_;
    steady_time looked_at_;
    counter& count_sent_;
    counter& count_bytes_;
    counter& count_dropped_;
};

}  // namespace streamhost::video
