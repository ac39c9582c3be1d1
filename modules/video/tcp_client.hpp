#pragma once

#include <streamhost/module.hpp>
#include <streamhost/stream_client.hpp>

#include <string>

namespace streamhost::video {

struct tcp_client_settings {
    std::string connect = "127.0.0.1:9999";
    tcp_wire wire = tcp_wire::framed;
    std::string stream;
};

/// Views a TCP server's video, and comes back whenever the connection ends.
class tcp_client final : public module {
public:
    static module_info describe();

    tcp_client(module_context& host, tcp_client_settings chosen);

    awaitable<void> run() override;

private:
    stream_client::options client_options();
    /// Why a server's type cannot be taken; empty where it can.
    std::string refuse(framed::message_type type) const;
    awaitable<std::string> take_frame(framed::message message);
    awaitable<std::string> take_pickle(pickle::value value, shared_bytes received);

    module_context& host_;
    tcp_client_settings chosen_;
    output<video_frame> frames_;
    output<encoded_image> images_;
    stream_client client_;
};

}  // namespace streamhost::video
