#pragma once

#include "sound_format.hpp"

#include <streamhost/module.hpp>
#include <streamhost/stream_server.hpp>

#include <string>

namespace streamhost::audio {

struct tcp_server_settings {
    std::string listen = "127.0.0.1:9610";
    tcp_wire wire = tcp_wire::framed;
    std::string stream;
    int rate = 44100;
    int channels = 2;
    sample_format format = sample_format::s16;
};

/// `audio.tcp_server`: serves sound to any number of TCP viewers, block by block as it comes.
class tcp_server final : public module {
public:
    static module_info describe();

    tcp_server(module_context& host, tcp_server_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    stream_server::options server_options() const;
    /// Whether a `pickle` viewer would take the block for what it is.
    bool admit(const audio_block& block);

    module_context& host_;
    tcp_server_settings chosen_;
    input<audio_block> audio_;
    counter& count_refused_;
    stream_server server_;
};

}  // namespace streamhost::audio
