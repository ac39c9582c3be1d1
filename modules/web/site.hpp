#pragma once

#include "access.hpp"
#include "answer.hpp"
#include "control_room.hpp"
#include "media_server.hpp"
#include "request_rules.hpp"

#include <streamhost/module.hpp>

#include <optional>
#include <string>
#include <vector>

namespace streamhost::web {

/// What stands behind the console's addresses. Judges each request by its head, before its body is read; answers those
/// that have an answer, and says which ones become a live stream instead. Confined to the module's lane.
class site {
public:
    struct options {
        std::string machine_name;              ///< as its Host header may say
        std::vector<std::string> other_names;
    };
    struct parts {
        module_context& host;
        access& gate;
        media_server& media;
        control_room& room;
    };
    site(parts of, options chosen) : parts_(of), chosen_(std::move(chosen)) {}

    /// Where a request stands once its head is known.
    struct standing {
        target_parts target{};
        rights may = rights::none;
        std::optional<answer> refused{};  ///< it goes no further
        bool failed_attempt = false;      ///< it tried to prove something and could not: make it wait
    };
    standing judge(const request& head, bool has_body, std::uint64_t body_bytes, const net_address& peer);

    /// What a request becomes when it gets no plain answer.
    struct live {
        enum class kind : std::uint8_t { none, mjpeg, wav, media, control };
        kind as = kind::none;
        std::vector<live_stream> streams{};
        std::string head{};               ///< goes ahead of what follows
        std::optional<answer> refused{};
    };
    live live_of(const request& asked, const standing& stands, const stream& session);

    /// Everything else. `stands` was judged from the same request.
    awaitable<answer> respond(const request& asked, const standing& stands, const net_address& peer);

    /// For a moment, after a failed attempt: 0.2 to 1 s.
    awaitable<void> make_wait();

    media_server& media() noexcept { return parts_.media; }
    control_room& room() noexcept { return parts_.room; }

private:
    answer unproven(const request& head) const;
    answer file(const request& asked, std::string_view path) const;
    answer picture(std::string_view name) const;
    answer health() const;
    answer readiness() const;
    answer graph() const;
    answer metrics() const;
    answer topology() const;
    awaitable<answer> change(const request& asked, const standing& stands);
    awaitable<answer> log_in(const request& asked, const net_address& peer);
    live live_stream_of(std::string_view path);
    live socket_of(const request& asked, const standing& stands);
    double wall_ms() const;

    parts parts_;
    options chosen_;
};

}  // namespace streamhost::web
