#pragma once

#include "request_reader.hpp"
#include "site.hpp"

#include <streamhost/module.hpp>

#include <list>
#include <memory>

namespace streamhost::web {

/// Takes connections, reads requests, and answers them by a `site`; hands over those that become a live stream. Each
/// connection is one coroutine of the module, with a deadline on every wait. Confined to the lane.
class http_server {
public:
    /// Beside the live ones; beyond, the one that idles longest goes.
    static constexpr std::size_t most_connections = 256;
    static constexpr auto first_limit = std::chrono::seconds(10);    ///< until a connection says something
    static constexpr auto between_limit = std::chrono::seconds(30);  ///< until it says something again

    http_server(module_context& host, site& at);

    /// Until the host drains. The module spawns it.
    awaitable<void> accept(listener entrance);

    /// Ends the connections that wait for their next request; others end with their answer.
    void close();

private:
    struct connection {
        explicit connection(stream session) : socket(std::move(session)), peer(socket.remote()) {}

        stream socket;
        const net_address peer;
        request_reader requests{};
        bool idle = false;
        bool answered = false;  ///< something already
    };
    using held = std::shared_ptr<connection>;

    awaitable<void> serve(held who);
    awaitable<bool> serve_one(held who);
    awaitable<bool> read_head(held who, duration limit);
    awaitable<bool> read_body(held who);
    awaitable<bool> read_more(held who, steady_time until);
    awaitable<bool> write(held who, const request& asked, answer said, bool keep);
    awaitable<void> refuse(held who, answer said);
    awaitable<void> go_live(held who, site::live chosen, rights may);
    void make_room();

    module_context& host_;
    site& site_;
    std::list<held> connections_;  ///< those that have idled longest ahead
    counter& count_connections_;
    counter& count_requests_;
    counter& count_refused_;
    counter& count_failures_;
    bool closing_ = false;
};

}  // namespace streamhost::web
