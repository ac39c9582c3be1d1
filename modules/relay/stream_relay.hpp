#pragma once

#include "decoded_output.hpp"

#include <streamhost/module.hpp>
#include <streamhost/stream_client.hpp>
#include <streamhost/stream_server.hpp>

#include <chrono>
#include <string>

namespace streamhost::relay {

struct stream_relay_settings {
    std::string upstream = "127.0.0.1:9999";
    std::string listen = "127.0.0.1:9998";
    tcp_wire wire = tcp_wire::framed;
    std::string stream;
    bool on_demand = false;
    std::chrono::milliseconds stale{2000};
};

/// Takes the messages of one TCP server and hands the same bytes to any number of viewers. Viewers stay while the server
/// is away. What is older than `stale` is shown to nobody who comes: not as if it were live.
class stream_relay final : public module {
public:
    static module_info describe();
    /// Throws `setting_error` where it would relay to itself.
    static void check(const stream_relay_settings& chosen);

    stream_relay(module_context& host, stream_relay_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    stream_client::options client_options();
    stream_server::options server_options();
    awaitable<std::string> take_frame(framed::message received);
    awaitable<std::string> take_pickle(pickle::value value, shared_bytes received);
    void note_viewers(std::size_t viewers);
    void leave_upstream();
    void note_fresh();
    void note_stale(bool stale);
    void show_condition();

    module_context& host_;
    stream_relay_settings chosen_;
    decoded_output copies_;
    stream_server server_;
    stream_client client_;
    timer expiry_;  ///< of the last message
    timer linger_;  ///< after the last viewer
    bool stale_ = false;
    std::string trouble_;  ///< why nothing comes from upstream
    counter& show_stale_;
    counter& count_empty_;
};

}  // namespace streamhost::relay
