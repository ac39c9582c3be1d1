#pragma once

#include "sound_format.hpp"

#include <streamhost/module.hpp>
#include <streamhost/stream_client.hpp>

#include <string>

namespace streamhost::audio {

struct tcp_client_settings {
    std::string connect = "127.0.0.1:9610";
    tcp_wire wire = tcp_wire::framed;
    std::string stream;
    int rate = 44100;
    int channels = 2;
    sample_format format = sample_format::s16;
};

/// `audio.tcp_client`: takes a TCP server's sound, and comes back whenever the connection ends.
class tcp_client final : public module {
public:
    static module_info describe();

    tcp_client(module_context& host, tcp_client_settings chosen);

    awaitable<void> run() override;

private:
    stream_client::options client_options();
    awaitable<std::string> take_frame(framed::message message);
    awaitable<std::string> take_pickle(pickle::value value, shared_bytes received);

    tcp_client_settings chosen_;
    output<audio_block> audio_;
    counter& count_cut_;
    stream_client client_;
};

}  // namespace streamhost::audio
