#pragma once

#include "chat_presence.hpp"
#include "datagram_viewers.hpp"
#include "pacing.hpp"
#include "picture_packer.hpp"
#include "request_reader.hpp"

#include <streamhost/event.hpp>
#include <streamhost/module.hpp>

#include <string>

namespace streamhost::video {

struct udp_server_settings {
    std::string listen = "127.0.0.1:9699";
    udp_wire wire = udp_wire::base64_jpeg;
    int max = 16;
    int spread = usual_spread;
};

/// `video.udp_server`: sends what arrives on its input to everybody who has asked for it by a datagram and is proven to
/// be there (`datagram_viewers`, and for the wire `rtp` a cookie). A newcomer gets the last picture at once. A picture of
/// several datagrams goes out in bursts, a round of them to all, then the next.
class udp_server final : public module {
public:
    static module_info describe();

    udp_server(module_context& host, udp_server_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    datagram_viewers::options viewer_options();
    awaitable<void> take_requests();
    void answer(const arrival& came, std::span<const std::byte> datagram);
    awaitable<void> follow_peers();
    void watch_silence();
    awaitable<void> send_pictures();
    bool is_to_send() const;
    awaitable<void> pack();
    awaitable<void> send_to_all();
    awaitable<void> send_round();
    error_code send_burst(const datagram_viewers::viewer& to);
    awaitable<void> show(message<encoded_image> next);
    void note_viewers();

    module_context& host_;
    udp_server_settings chosen_;
    input<encoded_image> images_;
    input<record> peers_;
    datagram_socket socket_;
    chat_presence chat_;
    datagram_viewers viewers_;
    std::unique_ptr<request_reader> requests_;
    std::unique_ptr<picture_packer> packer_;
    pacing pacing_;
    message<encoded_image> picture_;  ///< the last one; empty: none came yet
    packed_picture packed_;           ///< of that; empty until somebody is there to get it
    bool fresh_ = false;              ///< nobody has been sent anything of it yet
    bool newer_waits_ = false;        ///< for those who have begun this one: nobody else begins it any more
    event owing_;  ///< somebody is owed the picture, or the end has come
    event paid_;   ///< somebody is not any more
    bool ended_ = false;
    timer silence_;
    counter& count_viewers_;
    counter& count_sent_;
    counter& count_bytes_;
    counter& count_dropped_;
    counter& count_failed_;
    counter& count_unproven_;
};

}  // namespace streamhost::video
