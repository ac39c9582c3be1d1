#pragma once

#include "wire.hpp"

#include <streamhost/message_stream.hpp>
#include <streamhost/module.hpp>
#include <streamhost/wire/framed_clock.hpp>

#include <array>
#include <memory>
#include <string>

namespace streamhost::video {

struct tcp_client_settings {
    std::string connect = "127.0.0.1:9999";
    tcp_wire wire = tcp_wire::framed;
    std::string stream;
};

/// Views a TCP server's video, and comes back whenever the connection ends.
class tcp_client final : public module {
public:
    static module_info describe();

    tcp_client(module_context& host, tcp_client_settings chosen);

    awaitable<void> run() override;

private:
    /// Until the session ends; says why. Sets `useful` once a picture came.
    awaitable<std::string> view(std::shared_ptr<stream> session, bool& useful);
    awaitable<std::string> view_pickle(stream& session, bool& useful);
    awaitable<std::string> view_framed(std::shared_ptr<stream> session, bool& useful);
    awaitable<void> ping(std::weak_ptr<stream> session);
    awaitable<std::string> take(const framed::message& message, bool& useful);
    void note_picture(bool& useful);
    /// Translates the stamp to this host's clock, where the two clocks are known to each other.
    void note_local_time(message_header& header, std::int64_t now_ns) const;
    void note_age(const message_header& header, std::int64_t now_ns);
    std::string missing_link(std::string_view port) const;

    module_context& host_;
    tcp_client_settings chosen_;
    output<video_frame> frames_;
    output<encoded_image> images_;
    framed::clock_estimate peer_clock_;
    std::array<std::byte, 16> peer_boot_{};  ///< of the machine that `peer_clock_` is about
    latency_histogram ages_;
    counter& count_received_;
    counter& count_bytes_;
    counter& count_sessions_;
    counter& age_p50_us_;
    counter& age_p99_us_;
};

}  // namespace streamhost::video
