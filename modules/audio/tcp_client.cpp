#include "tcp_client.hpp"

#include "received_sound.hpp"
#include "setting_ranges.hpp"

namespace streamhost::audio {

module_info tcp_client::describe() {
    return streamhost::describe<tcp_client, tcp_client_settings>("audio.tcp_client",
                                                                 "Takes the sound of a TCP server, and comes back to it")
        .setting("connect", &tcp_client_settings::connect, "address of the server").address(address_role::peer)
        .setting("wire", &tcp_client_settings::wire, "the bytes on the socket: see docs/wire.md")
            .one_of({{"framed", tcp_wire::framed}, {"pickle", tcp_wire::pickle}})
        .setting("stream", &tcp_client_settings::stream, "which stream, on the wire `framed`; empty: the only one")
        .setting("rate", &tcp_client_settings::rate, "frames a second of what comes on `pickle`, which does not say it")
            .range(lowest_rate, highest_rate).unit("Hz")
        .setting("channels", &tcp_client_settings::channels, "of what comes on `pickle`").range(1, most_channels)
        .setting("format", &tcp_client_settings::format, "of a sample of what comes on `pickle`")
            .one_of({{"s16", sample_format::s16}, {"f32", sample_format::f32}})
        .output<audio_block>("audio", "the sound, block by block as the server sends it").spontaneous();
}

tcp_client::tcp_client(module_context& host, tcp_client_settings chosen)
    : chosen_(std::move(chosen)),
      audio_(host.output<audio_block>("audio")),
      count_cut_(host.metric("frames_cut", "pickles that ended inside a frame, which was left out")),
      client_(host, client_options()) {}

stream_client::options tcp_client::client_options() {
    stream_client::options options;
    options.connect = chosen_.connect;
    options.wire = chosen_.wire;
    options.stream = chosen_.stream;
    options.content = "sound";
    options.refuse = refuse_type;
    options.take_frame = [this](framed::message message) { return take_frame(std::move(message)); };
    options.take_pickle = [this](pickle::value value, shared_bytes received) {
        return take_pickle(std::move(value), std::move(received));
    };
    return options;
}

awaitable<void> tcp_client::run() { co_await client_.run(); }

awaitable<std::string> tcp_client::take_pickle(pickle::value value, shared_bytes received) {
    auto sound = read_sound(value, {chosen_.rate, chosen_.channels, chosen_.format});
    if (!sound.end.empty()) co_return sound.end;
    if (sound.cut) count_cut_.add();
    client_.note_message(received.size());
    if (sound.block) co_await audio_.send(std::move(*sound.block));
    co_return std::string();
}

awaitable<std::string> tcp_client::take_frame(framed::message message) {
    auto sound = read_sound(message);
    if (!sound.block) co_return sound.end;
    auto header = from_framed_header(message.head);
    client_.note_message(message.payload.size(), header);
    co_await audio_.forward(std::move(*sound.block), header);
    co_return std::string();
}

}  // namespace streamhost::audio
