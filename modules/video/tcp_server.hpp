#pragma once

#include <streamhost/module.hpp>
#include <streamhost/stream_server.hpp>

#include <string>

namespace streamhost::video {

struct tcp_server_settings {
    std::string listen = "127.0.0.1:9999";
    tcp_wire wire = tcp_wire::framed;
    std::string stream;
};

/// Serves what arrives on its input to any number of TCP viewers.
class tcp_server final : public module {
public:
    static module_info describe();

    tcp_server(module_context& host, tcp_server_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    stream_server::options server_options() const;
    awaitable<void> serve_frames();
    awaitable<void> serve_images();

    tcp_server_settings chosen_;
    input<video_frame> frames_;
    input<encoded_image> images_;
    stream_server server_;
};

}  // namespace streamhost::video
