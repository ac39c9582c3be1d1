#include "client.hpp"

#include <streamhost/framed_types.hpp>

#include <fmt/format.h>

#include <utility>

namespace streamhost::stream_family {

module_info client::describe() {
    return streamhost::describe<client, client_settings>("stream.client",
                                                         "Exchanges any number of streams with a stream.server")
        .setting("connect", &client_settings::connect, "address of the server").address(address_role::peer)
        .setting("send", &client_settings::send,
                 "the type of each stream that goes to the server, by its name, which is also an input: "
                 "{\"commands\": \"record\"}; a type of your own by its name. What waits for the server has the queue of `viewers`")
        .setting("receive", &client_settings::receive,
                 "the type of each stream that is taken from the server, by its name, which is also an output; a server of "
                 "one stream, such as video.tcp_server, counts as well")
        .serves_viewers();
}

void client::check(const client_settings& chosen) { check_streams(chosen.send, chosen.receive); }

module_ports client::ports_for(const client_settings& chosen) { return ports_of(chosen.send, chosen.receive); }

client::client(module_context& host, client_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      outgoing_(host, chosen_.send),
      incoming_(host, chosen_.receive),
      client_(host, client_options()) {}

stream_client::options client::client_options() {
    stream_client::options options;
    options.connect = chosen_.connect;
    options.content = "streams";
    options.many = true;
    for (const auto& each : outgoing_.streams()) {
        options.queues.push_back(host_.viewers().queue.over(each.usual_queue));
    }
    options.on_session = [this](const framed::answer& answer) { return begin_session(answer); };
    options.take_frame = [this](framed::message message) { return session_->take(std::move(message)); };
    return options;
}

awaitable<void> client::run() {
    sending_ = outgoing_.streams().size();
    for (stream_index i = 0; i < outgoing_.streams().size(); ++i) host_.spawn(send(i));
    co_await client_.run();
}

awaitable<void> client::send(stream_index stream) {
    auto& input = outgoing_.input(stream);
    for (;;) {
        const auto content = co_await input.next_any();
        if (!content) break;
        const auto plain = outgoing_.encode(stream, content);
        if (!plain) continue;
        const auto written = framed::with_channel(*plain, static_cast<std::uint32_t>(stream + 1));
        wire_message message;
        message.pieces.push_back(written.prefix);
        message.pieces.push_back(written.body);
        client_.send(stream, std::move(message), content.arrived_ns);
    }
    if (--sending_ == 0) client_.finish();
}

std::string client::begin_session(const framed::answer& answer) {
    session_ = std::make_unique<incoming_session>(
        incoming_, chosen_.connect, [this](std::size_t size, message_header& header) { client_.note_message(size, header); });
    if ((answer.flags & framed::many_streams) == 0) return begin_plain(answer);
    if (!chosen_.send.empty()) client_.reply(announce_streams(host_.origin(), outgoing_.streams()));
    if (chosen_.receive.empty()) client_.note_session();
    return {};
}

/// A server of one stream.
std::string client::begin_plain(const framed::answer& answer) {
    framed::announce only;
    const bool obvious = answer.stream.empty() && chosen_.receive.size() == 1;
    only.name = obvious ? chosen_.receive.begin()->first : answer.stream;
    only.type = answer.type;
    only.user_type = answer.user_type;
    only.user_version = answer.user_version;
    const auto* const stream = incoming_.find(only.name);
    if (stream == nullptr) return fmt::format("it serves only \"{}\", which `receive` does not name", only.name);
    if (only.type == framed::message_type::any) {  // each message says its type itself
        if (stream->type == nullptr) return fmt::format("it does not say of which type \"{}\" is", only.name);
        only.type = framed_type(*stream->type);
    }
    if (!chosen_.send.empty() && !std::exchange(warned_, true)) {
        host_.log().warn("{} serves one stream and takes none: nothing is sent there", chosen_.connect);
    }
    return session_->begin_plain(only);
}

}  // namespace streamhost::stream_family
