#include "tcp_server.hpp"

#include "setting_ranges.hpp"

namespace streamhost::audio {

module_info tcp_server::describe() {
    return streamhost::describe<tcp_server, tcp_server_settings>("audio.tcp_server",
                                                                 "Serves sound to any number of TCP viewers")
        .setting("listen", &tcp_server_settings::listen, "address to serve at").address(address_role::listen)
        .setting("wire", &tcp_server_settings::wire, "the bytes on the socket: see docs/wire.md")
            .one_of({{"framed", tcp_wire::framed}, {"pickle", tcp_wire::pickle}})
        .setting("stream", &tcp_server_settings::stream,
                 "name of the stream on the wire `framed`; a viewer that asks for another is refused")
        .setting("rate", &tcp_server_settings::rate, "frames a second that `pickle` viewers expect; other sound is refused")
            .range(lowest_rate, highest_rate).unit("Hz")
        .setting("channels", &tcp_server_settings::channels, "that `pickle` viewers expect").range(1, most_channels)
        .setting("format", &tcp_server_settings::format, "of a sample, as `pickle` viewers expect it")
            .one_of({{"s16", sample_format::s16}, {"f32", sample_format::f32}})
        .input<audio_block>("audio", "the sound; on the wire `framed` of any format, and it may change")
        .serves_viewers();
}

tcp_server::tcp_server(module_context& host, tcp_server_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      audio_(host.input<audio_block>("audio")),
      count_refused_(host.metric("blocks_refused", "blocks of another format than `pickle` viewers expect")),
      server_(host, server_options()) {}

stream_server::options tcp_server::server_options() const {
    stream_server::options options;
    options.wire = chosen_.wire;
    options.stream = chosen_.stream;
    options.content = "sound";
    options.type = framed::message_type::audio_block;
    options.usual_queue = type_of<audio_block>().defaults.viewer;
    return options;
}

awaitable<void> tcp_server::prepare() { co_await server_.open(chosen_.listen); }

bool tcp_server::admit(const audio_block& block) {
    const sound_format expected{chosen_.rate, chosen_.channels, chosen_.format};
    const auto format = format_of(block);
    if (format == expected) {
        host_.set_condition({});
        return true;
    }
    count_refused_.add();
    host_.set_condition(fmt::format("nothing is sent: `pickle` viewers expect {}, but {} comes; put an audio.convert "
                                    "before it, or set `rate`, `channels` and `format`",
                                    to_string(expected), to_string(format)));
    return false;
}

awaitable<void> tcp_server::run() {
    server_.accept_viewers();
    for (;;) {
        const auto block = co_await audio_.next();
        if (!block) break;
        if (block->samples.empty()) continue;  // on `pickle` it would look like the end
        if (chosen_.wire == tcp_wire::framed) {
            server_.publish(block.header(), *block, block.arrived_ns());
        } else if (admit(*block)) {
            server_.publish(pickle::write_bytes(block->samples), block.arrived_ns());
        }
    }
    co_await server_.finish();
}

}  // namespace streamhost::audio
