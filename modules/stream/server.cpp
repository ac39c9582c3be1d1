#include "server.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace streamhost::stream_family {

module_info server::describe() {
    return streamhost::describe<server, server_settings>("stream.server",
                                                         "Exchanges any number of streams with any number of clients")
        .setting("listen", &server_settings::listen, "address to serve at").address(address_role::listen)
        .setting("send", &server_settings::send,
                 "the type of each stream that goes to the clients, by its name, which is also an input: "
                 "{\"camera\": \"encoded_image\", \"readings\": \"record\"}; a type of your own by its name")
        .setting("receive", &server_settings::receive,
                 "the type of each stream that is taken from clients, by its name, which is also an output")
        .serves_viewers();
}

void server::check(const server_settings& chosen) { check_streams(chosen.send, chosen.receive); }

module_ports server::ports_for(const server_settings& chosen) { return ports_of(chosen.send, chosen.receive); }

server::server(module_context& host, server_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      outgoing_(host, chosen_.send),
      incoming_(host, chosen_.receive),
      arrivals_(host),
      server_(host, server_options()) {}

stream_server::options server::server_options() {
    stream_server::options options;
    const auto count = chosen_.send.size() + chosen_.receive.size();
    options.content = fmt::format("{} {}", count, count == 1 ? "stream" : "streams");
    options.many = true;
    options.streams = outgoing_.streams();
    options.receiver = [this](const framed_peer& from, std::string name) -> std::unique_ptr<framed_receiver> {
        return std::make_unique<incoming_session>(
            incoming_, std::move(name), [this, &from](std::size_t size, message_header& header) {
                const auto now_ns = host_.clock().steady_ns();
                from.note_local_time(header, now_ns);
                arrivals_.note(size, header, now_ns);
            });
    };
    return options;
}

awaitable<void> server::prepare() { co_await server_.open(chosen_.listen); }

awaitable<void> server::run() {
    server_.accept_viewers();
    sending_ = outgoing_.streams().size();
    for (stream_index i = 0; i < outgoing_.streams().size(); ++i) host_.spawn(send(i));
    while (sending_ > 0) co_await sent_all_.wait();
    // Nothing goes out any more; clients may still have something to say.
    while (!chosen_.receive.empty() && !host_.draining()) co_await host_.sleep_for(std::chrono::hours(1));
    co_await server_.finish();
}

awaitable<void> server::send(stream_index stream) {
    auto& input = outgoing_.input(stream);
    for (;;) {
        const auto content = co_await input.next_any();
        if (!content) break;
        const auto written = outgoing_.encode(stream, content);
        if (written) server_.publish(stream, *written, content.arrived_ns);
    }
    if (--sending_ == 0) sent_all_.set();
}

}  // namespace streamhost::stream_family
