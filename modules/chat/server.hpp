#pragma once

#include "chat_wire.hpp"
#include "line_history.hpp"
#include "peer_table.hpp"

#include <streamhost/fan_out.hpp>
#include <streamhost/module.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace streamhost::chat {

struct server_settings {
    std::string listen = "127.0.0.1:9698";
    std::optional<std::string> receive;
    chat_wire wire = chat_wire::lines;
    std::optional<std::uint32_t> history;
};

/// Exchanges lines with any number of peers.
class server final : public module {
public:
    static module_info describe();
    static void check(const server_settings& chosen);

    server(module_context& host, server_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    awaitable<void> attend(viewer& from);
    awaitable<void> accept_speakers();
    awaitable<void> attend_speaker(std::shared_ptr<stream> session);
    awaitable<void> take_lines(stream& from, std::string sender);
    awaitable<void> send_lines();
    void send(const text& line, std::int64_t arrived_ns);
    void send_history(viewer& to);
    awaitable<void> greet(peer_table::arrival arrival);
    awaitable<void> tell(std::string address, bool joined);

    module_context& host_;
    server_settings chosen_;
    input<text> outgoing_;
    output<text> incoming_;
    output<record> peers_output_;
    counter& count_received_;
    counter& count_refused_;
    counter& count_undelivered_;
    counter& count_turned_away_;
    counter& count_peers_;
    line_history history_;
    peer_table peers_;
    listener speakers_entrance_;
    std::size_t speakers_ = 0;
    std::unique_ptr<fan_out> listeners_;
};

}  // namespace streamhost::chat
