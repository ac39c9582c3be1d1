#pragma once

#include "chat_presence.hpp"
#include "datagram_packer.hpp"
#include "datagram_viewers.hpp"
#include "udp_wire.hpp"

#include <streamhost/event.hpp>
#include <streamhost/module.hpp>

#include <string>

namespace streamhost::video {

struct udp_server_settings {
    std::string listen = "127.0.0.1:9699";
    udp_wire wire = udp_wire::base64_jpeg;
    int max = 16;
};

/// `video.udp_server`: sends what arrives on its input to everybody who has asked for it by a datagram and is proven to
/// be there (`datagram_viewers`), each picture in one datagram. A newcomer gets the last picture at once.
class udp_server final : public module {
public:
    static module_info describe();

    udp_server(module_context& host, udp_server_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    datagram_viewers::options viewer_options();
    awaitable<void> take_requests();
    void answer(const arrival& came, base64_jpeg::request asked);
    awaitable<void> follow_peers();
    void watch_silence();
    awaitable<void> send_pictures();
    awaitable<void> send_to_all();
    void note_viewers();

    module_context& host_;
    udp_server_settings chosen_;
    input<encoded_image> images_;
    input<record> peers_;
    datagram_socket socket_;
    chat_presence chat_;
    datagram_viewers viewers_;
    datagram_packer packer_;
    encoded_image picture_;  ///< the last one; no data: none came yet
    shared_bytes datagram_;  ///< of that; empty until somebody is there to get it
    event owing_;            ///< somebody is owed the picture, or the end has come
    event paid_;
    bool ended_ = false;
    timer silence_;
    counter& count_viewers_;
    counter& count_sent_;
    counter& count_bytes_;
    counter& count_dropped_;
    counter& count_unproven_;
};

}  // namespace streamhost::video
