#pragma once

#include "incoming_session.hpp"
#include "outgoing_streams.hpp"

#include <streamhost/event.hpp>
#include <streamhost/framed_peer.hpp>
#include <streamhost/module.hpp>
#include <streamhost/stream_server.hpp>

#include <memory>
#include <string>

namespace streamhost::stream_family {

struct server_settings {
    std::string listen = "127.0.0.1:9620";
    stream_map send;
    stream_map receive;
};

/// `stream.server`: exchanges streams with any number of clients.
class server final : public module {
public:
    static module_info describe();
    static void check(const server_settings& chosen);
    static module_ports ports_for(const server_settings& chosen);

    server(module_context& host, server_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    stream_server::options server_options();
    awaitable<void> send(stream_index stream);

    module_context& host_;
    server_settings chosen_;
    outgoing_streams outgoing_;
    incoming_streams incoming_;
    arrivals arrivals_;
    stream_server server_;
    std::size_t sending_ = 0;
    event sent_all_;
};

}  // namespace streamhost::stream_family
