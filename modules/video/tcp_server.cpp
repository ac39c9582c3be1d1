#include "tcp_server.hpp"

namespace streamhost::video {

module_info tcp_server::describe() {
    return streamhost::describe<tcp_server, tcp_server_settings>("video.tcp_server",
                                                                 "Serves video to any number of TCP viewers")
        .setting("listen", &tcp_server_settings::listen, "address to serve at").address(address_role::listen)
        .setting("wire", &tcp_server_settings::wire, "the bytes on the socket: see docs/wire.md")
            .one_of({{"framed", tcp_wire::framed}, {"pickle", tcp_wire::pickle}})
        .setting("stream", &tcp_server_settings::stream,
                 "name of the stream on the wire `framed`; a viewer that asks for another is refused")
        .input<video_frame>("frames", "raw pictures; link this or `images`").optional()
        .input<encoded_image>("images", "JPEG pictures, passed on as they are; link this or `frames`").optional()
        .serves_viewers();
}

tcp_server::tcp_server(module_context& host, tcp_server_settings chosen)
    : chosen_(std::move(chosen)),
      frames_(host.input<video_frame>("frames")),
      images_(host.input<encoded_image>("images")),
      server_(host, server_options()) {
    if (frames_.linked() == images_.linked()) {
        throw configuration_error("link exactly one of the inputs `frames` and `images`");
    }
    if (chosen_.wire == tcp_wire::pickle && !frames_.linked()) {
        throw configuration_error(
            "the wire `pickle` carries raw pictures: link `frames` (through video.decode), or choose \"wire\": \"framed\"");
    }
}

stream_server::options tcp_server::server_options() const {
    stream_server::options options;
    options.wire = chosen_.wire;
    options.stream = chosen_.stream;
    options.content = "video";
    options.type = frames_.linked() ? framed::message_type::video_frame : framed::message_type::encoded_image;
    options.usual_queue = (frames_.linked() ? type_of<video_frame>() : type_of<encoded_image>()).defaults.viewer;
    return options;
}

awaitable<void> tcp_server::prepare() { co_await server_.open(chosen_.listen); }

awaitable<void> tcp_server::serve_frames() {
    for (;;) {
        const auto frame = co_await frames_.next();
        if (!frame) break;
        if (chosen_.wire == tcp_wire::pickle) {
            server_.publish(pickle::write_array(*frame), frame.arrived_ns());
        } else {
            server_.publish(frame.header(), *frame, frame.arrived_ns());
        }
    }
}

awaitable<void> tcp_server::serve_images() {
    for (;;) {
        const auto image = co_await images_.next();
        if (!image) break;
        server_.publish(image.header(), *image, image.arrived_ns());
    }
}

awaitable<void> tcp_server::run() {
    server_.accept_viewers();
    if (frames_.linked()) {
        co_await serve_frames();
    } else {
        co_await serve_images();
    }
    co_await server_.finish();
}

}  // namespace streamhost::video
