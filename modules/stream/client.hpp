#pragma once

#include "incoming_session.hpp"
#include "outgoing_streams.hpp"

#include <streamhost/module.hpp>
#include <streamhost/stream_client.hpp>

#include <memory>
#include <string>

namespace streamhost::stream_family {

struct client_settings {
    std::string connect = "127.0.0.1:9620";
    stream_map send;
    stream_map receive;
};

/// `stream.client`: exchanges streams with a server, and comes back whenever the connection ends.
class client final : public module {
public:
    static module_info describe();
    static void check(const client_settings& chosen);
    static module_ports ports_for(const client_settings& chosen);

    client(module_context& host, client_settings chosen);

    awaitable<void> run() override;

private:
    stream_client::options client_options();
    std::string begin_session(const framed::answer& answer);
    std::string begin_plain(const framed::answer& answer);
    awaitable<void> send(stream_index stream);

    module_context& host_;
    client_settings chosen_;
    outgoing_streams outgoing_;
    incoming_streams incoming_;
    stream_client client_;
    std::unique_ptr<incoming_session> session_;  // the present one, or the last
    std::size_t sending_ = 0;
    bool warned_ = false;
};

}  // namespace streamhost::stream_family
