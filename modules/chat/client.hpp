#pragma once

#include "chat_wire.hpp"

#include <streamhost/event.hpp>
#include <streamhost/module.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace streamhost::chat {

struct client_settings {
    std::string connect = "127.0.0.1:9698";
    std::optional<std::string> send;
    chat_wire wire = chat_wire::lines;
};

/// Exchanges lines with a server, and comes back whenever a connection ends.
class client final : public module {
public:
    static module_info describe();
    static void check(const client_settings& chosen);

    client(module_context& host, client_settings chosen);

    awaitable<void> run() override;

private:
    /// One connection to the server.
    struct way {
        std::size_t number = 0;
        std::string address;
        bool hears = false;
        bool speaks = false;
    };

    awaitable<void> keep(way of);
    /// Until the session ends; says why.
    awaitable<std::string> use(std::shared_ptr<stream> session, way of, bool& useful);
    awaitable<std::string> hear(stream& from, bool& useful);
    awaitable<void> send_lines();
    awaitable<bool> deliver(std::string line);
    awaitable<void> say_farewell();
    bool is_sendable(const text& line);
    void note(const way& of, std::string problem);

    module_context& host_;
    client_settings chosen_;
    input<text> outgoing_;
    output<text> incoming_;
    counter& count_received_;
    counter& count_sent_;
    counter& count_unsent_;
    counter& count_sessions_;
    std::shared_ptr<stream> speaking_;  // while it is connected
    event speaking_changed_;
    std::array<std::string, 2> problems_;  // of each way; empty: connected
};

}  // namespace streamhost::chat
