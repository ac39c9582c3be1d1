#include "tcp_server.hpp"

namespace streamhost::video {
namespace {

/// How long viewers may take for what they have not got when the stream ends: less than the host's own limit.
constexpr auto farewell = std::chrono::seconds(2);

/// A viewer has little to say.
constexpr std::uint64_t largest_request = 4096;

/// Requests that a viewer may make within a second; ours ask every five.
constexpr int most_requests = 20;

}  // namespace

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
    : host_(host),
      chosen_(std::move(chosen)),
      frames_(host.input<video_frame>("frames")),
      images_(host.input<encoded_image>("images")) {
    if (frames_.linked() == images_.linked()) {
        throw configuration_error("link exactly one of the inputs `frames` and `images`");
    }
    if (chosen_.wire == tcp_wire::pickle && !frames_.linked()) {
        throw configuration_error(
            "the wire `pickle` carries raw pictures: link `frames` (through video.decode), or choose \"wire\": \"framed\"");
    }
    if (!chosen_.stream.empty() && !framed::is_name(chosen_.stream)) {
        throw configuration_error("`stream` takes up to 64 letters, digits, dots, hyphens and underscores");
    }
}

awaitable<void> tcp_server::prepare() {
    auto entrance = co_await host_.network().listen(chosen_.listen);
    const auto& usual = frames_.linked() ? type_of<video_frame>() : type_of<encoded_image>();
    fan_out::options options;
    options.queue = host_.viewers().queue.over(usual.defaults.viewer);
    if (chosen_.wire == tcp_wire::framed) {
        options.open = [this](stream& session) { return open_session(session); };
        options.listen = [this](viewer& from) { return listen_to(from); };
    }
    viewers_ = std::make_unique<fan_out>(host_, std::move(entrance), std::move(options));
}

awaitable<bool> tcp_server::open_session(stream& session) {
    const auto peer = session.remote().to_string();
    const auto hello = co_await take_hello(session, host_.limits().handshake_ms);
    if (!hello) {
        host_.log().warn("{} is no framed viewer: {}", peer, hello.error().message());
        co_return false;
    }
    framed::answer answer;
    answer.stream = chosen_.stream;
    answer.accepted = hello->stream.empty() || hello->stream == chosen_.stream;
    if (!answer.accepted) {
        answer.refusal = chosen_.stream.empty()
                             ? fmt::format("there is no stream \"{}\" here: ask without a name", hello->stream)
                             : fmt::format("there is no stream \"{}\" here, only \"{}\"", hello->stream, chosen_.stream);
        host_.log().warn("{} refused: {}", peer, answer.refusal);
    } else if (!viewers_->has_room()) {
        answer.accepted = false;
        answer.refusal = viewers_->turn_away(session);
    }
    answer.type = frames_.linked() ? framed::message_type::video_frame : framed::message_type::encoded_image;
    answer.source = {host_.origin().boot, host_.origin().instance};
    answer.wall_ns = host_.clock().wall_ns();
    const bool accepted = answer.accepted;
    const auto sent = co_await answer_framed(session, std::move(answer), host_.limits().handshake_ms);
    co_return accepted && sent.has_value();
}

awaitable<void> tcp_server::listen_to(viewer& from) {
    receive_limits limits;
    limits.message_bytes = largest_request;
    std::int64_t second_began_ns = 0;
    int requests = 0;
    for (;;) {
        const auto request = co_await read_framed(from.session(), limits);
        const auto received_ns = host_.clock().steady_ns();
        if (!request) break;
        if (received_ns - second_began_ns >= 1'000'000'000) {
            second_began_ns = received_ns;
            requests = 0;
        }
        if (++requests > most_requests) {
            host_.log().warn("{} asks more than {} times a second: cut", from.session().remote().to_string(), most_requests);
            break;
        }
        if (request->head.type != framed::message_type::ping) continue;
        const auto content = framed::decode_payload(*request);
        if (!content) break;
        const auto& ping = std::get<framed::ping>(*content);
        framed::pong pong;
        pong.ping_sent_ns = ping.sent_ns;
        pong.ping_received_ns = received_ns;
        pong.sent_ns = host_.clock().steady_ns();
        message_header header;
        header.origin = host_.origin();
        from.reply(to_framed(header, pong));
    }
}

awaitable<void> tcp_server::serve_frames() {
    for (;;) {
        const auto frame = co_await frames_.next();
        if (!frame) break;
        auto content = chosen_.wire == tcp_wire::pickle ? to_pickle(*frame) : to_framed(frame.header(), *frame);
        viewers_->publish(std::move(content), frame.arrived_ns());
    }
}

awaitable<void> tcp_server::serve_images() {
    for (;;) {
        const auto image = co_await images_.next();
        if (!image) break;
        viewers_->publish(to_framed(image.header(), *image), image.arrived_ns());
    }
}

wire_message tcp_server::last_word() const {
    if (chosen_.wire == tcp_wire::pickle) return {};  // it knows no end but the connection's
    framed::end_of_stream end;
    end.text = host_.draining() ? "the stream has ended: the server stops" : "the stream has ended";
    message_header header;
    header.origin = host_.origin();
    return to_framed(header, end);
}

awaitable<void> tcp_server::run() {
    host_.log().info("serving {} at {}", chosen_.stream.empty() ? "video" : chosen_.stream,
                     viewers_->local().to_string());
    host_.spawn(viewers_->accept_viewers());
    if (frames_.linked()) {
        co_await serve_frames();
    } else {
        co_await serve_images();
    }
    auto last = last_word();
    co_await viewers_->finish(farewell, std::move(last));
}

}  // namespace streamhost::video
