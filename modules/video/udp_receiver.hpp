#pragma once

#include "received_pictures.hpp"

#include <streamhost/module.hpp>

#include <string>

namespace streamhost::video {

struct udp_receiver_settings {
    std::string listen = "127.0.0.1:9696";
    udp_wire wire = udp_wire::base64_jpeg;
};

/// `video.udp_receiver`: takes the pictures that somebody sends to an address, of one sender at a time: pictures of two in
/// turns would be of no use. Another one takes its place when it has been silent.
class udp_receiver final : public module {
public:
    static module_info describe();

    udp_receiver(module_context& host, udp_receiver_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    awaitable<void> take(const arrival& came, std::span<const std::byte> datagram);
    void watch_silence();

    module_context& host_;
    udp_receiver_settings chosen_;
    std::unique_ptr<picture_reader> reader_;
    received_pictures pictures_;
    datagram_socket socket_;
    net_address sender_;  ///< whose pictures come; empty while none do
    timer silence_;
    counter& count_others_;
};

}  // namespace streamhost::video
