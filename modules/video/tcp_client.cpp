#include "tcp_client.hpp"

namespace streamhost::video {

module_info tcp_client::describe() {
    return streamhost::describe<tcp_client, tcp_client_settings>("video.tcp_client",
                                                                 "Views the video of a TCP server, and comes back to it")
        .setting("connect", &tcp_client_settings::connect, "address of the server").address(address_role::peer)
        .setting("wire", &tcp_client_settings::wire, "the bytes on the socket: see docs/wire.md")
            .one_of({{"framed", tcp_wire::framed}, {"pickle", tcp_wire::pickle}})
        .setting("stream", &tcp_client_settings::stream, "which stream, on the wire `framed`; empty: the only one")
        .output<video_frame>("frames", "raw pictures, from a server that sends such").spontaneous()
        .output<encoded_image>("images", "JPEG pictures, from a server that sends such").spontaneous();
}

tcp_client::tcp_client(module_context& host, tcp_client_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      frames_(host.output<video_frame>("frames")),
      images_(host.output<encoded_image>("images")),
      client_(host, client_options()) {
    if (frames_.linked() == images_.linked()) {
        throw configuration_error("link exactly one of the outputs `frames` and `images`");
    }
    if (chosen_.wire == tcp_wire::pickle && !frames_.linked()) {
        throw configuration_error("the wire `pickle` carries raw pictures: link `frames`, or choose \"wire\": \"framed\"");
    }
}

stream_client::options tcp_client::client_options() {
    stream_client::options options;
    options.connect = chosen_.connect;
    options.wire = chosen_.wire;
    options.stream = chosen_.stream;
    options.content = "video";
    options.refuse = [this](framed::message_type type) { return refuse(type); };
    options.take_frame = [this](framed::message message) { return take_frame(std::move(message)); };
    options.take_pickle = [this](pickle::value value, shared_bytes received) {
        return take_pickle(std::move(value), std::move(received));
    };
    return options;
}

awaitable<void> tcp_client::run() { co_await client_.run(); }

std::string tcp_client::refuse(framed::message_type type) const {
    if (type != framed::message_type::any && type != framed::message_type::video_frame &&
        type != framed::message_type::encoded_image) {
        return "what it serves is no video";
    }
    const char* port = nullptr;
    if (type == framed::message_type::video_frame && !frames_.linked()) port = "frames";
    if (type == framed::message_type::encoded_image && !images_.linked()) port = "images";
    if (port == nullptr) return {};
    return fmt::format("it sends {}, and that port has no link; add \"{}.{} -> ...\" and remove the other", port,
                       host_.name(), port);
}

awaitable<std::string> tcp_client::take_pickle(pickle::value value, shared_bytes received) {
    // None is how the tutorials say that a file has ended, or that there is no picture yet.
    if (std::holds_alternative<pickle::none>(value)) co_return std::string();
    const auto* const array = std::get_if<pickle::array>(&value);
    if (array == nullptr) co_return std::string("it sends something else than pictures");
    auto frame = pickle::to_video_frame(*array);
    if (!frame) co_return fmt::format("its picture has {} channels, not 1 or 3", array->shape[2]);
    client_.note_message(received.size());
    co_await frames_.send(std::move(*frame));
    co_return std::string();
}

awaitable<std::string> tcp_client::take_frame(framed::message message) {
    auto content = framed::decode_payload(message);
    if (!content) {
        // A type of a later version is none of ours; broken bytes are the end.
        const bool unknown = content.error() == errc::unsupported;
        co_return unknown ? std::string() : content.error().message();
    }
    auto unwanted = refuse(message.head.type);
    if (!unwanted.empty()) co_return unwanted;
    auto header = from_framed_header(message.head);
    if (auto* const frame = std::get_if<video_frame>(&*content)) {
        client_.note_message(message.payload.size(), header);
        co_await frames_.forward(std::move(*frame), header);
    } else if (auto* const image = std::get_if<encoded_image>(&*content)) {
        client_.note_message(message.payload.size(), header);
        co_await images_.forward(std::move(*image), header);
    }
    co_return std::string();
}

}  // namespace streamhost::video
