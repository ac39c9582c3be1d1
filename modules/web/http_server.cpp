#include "http_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace streamhost::web {
namespace {

constexpr auto accept_pause = std::chrono::milliseconds(100);
constexpr std::size_t most_discarded = 64 * 1024;
constexpr auto discard_limit = std::chrono::seconds(1);

}  // namespace

http_server::http_server(module_context& host, site& at)
    : host_(host),
      site_(at),
      count_connections_(host.metric("http_connections", "connections that are open now, live streams left out")),
      count_requests_(host.metric("http_requests", "requests that were answered")),
      count_refused_(host.metric("http_refused", "requests that were answered with an error")),
      count_failures_(host.metric("auth_failures", "attempts with a wrong token")) {}

awaitable<void> http_server::accept(listener entrance) {
    for (;;) {
        auto session = co_await entrance.accept();
        if (!session && session.error() == errc::draining) break;
        if (!session) {
            host_.log().warn("cannot accept: {}", session.error().message());
            const bool go_on = co_await host_.sleep_for(accept_pause);
            if (!go_on) break;
            continue;
        }
        make_room();
        auto who = std::make_shared<connection>(std::move(*session));
        connections_.push_back(who);
        count_connections_.set(connections_.size());
        host_.spawn(serve(std::move(who)));
    }
}

void http_server::make_room() {
    if (connections_.size() < most_connections) return;
    const auto longest = std::ranges::find(connections_, true, [](const held& each) { return each->idle; });
    const auto& one = longest == connections_.end() ? connections_.front() : *longest;
    host_.log().warn("{} gives way: {} connections are open", one->peer.to_string(), most_connections);
    one->socket.close();
}

void http_server::close() {
    closing_ = true;
    for (const auto& each : connections_) {
        if (each->idle) each->socket.close();
    }
}

awaitable<void> http_server::serve(held who) {
    for (;;) {
        const bool go_on = co_await serve_one(who);
        if (!go_on) break;
        // Behind those that have idled longer.
        std::erase(connections_, who);
        connections_.push_back(who);
    }
    std::erase(connections_, who);
    count_connections_.set(connections_.size());
}

/// False where nothing more is to be read.
awaitable<bool> http_server::read_more(held who, steady_time until) {
    std::array<std::byte, 16 * 1024> buffer;
    const auto left = until - host_.clock().now();
    if (left <= duration::zero()) co_return false;
    const auto count = co_await who->socket.read_some(buffer, left);
    if (!count) co_return false;
    who->requests.give(std::span(buffer).first(*count));
    co_return true;
}

awaitable<bool> http_server::read_head(held who, duration limit) {
    auto& reader = who->requests;
    auto until = host_.clock().now() + (reader.has_begun() ? duration(host_.limits().handshake_ms) : limit);
    for (;;) {
        while (!reader.head_done() && reader.step()) {}
        if (reader.head_done() || reader.problem()) co_return true;
        const bool begun = reader.has_begun();
        who->idle = !begun;
        if (who->idle && closing_) co_return false;
        const bool more = co_await read_more(who, until);
        who->idle = false;
        if (!more) co_return false;
        // The clock of a request starts with its first byte.
        if (!begun) until = host_.clock().now() + host_.limits().handshake_ms;
    }
}

awaitable<bool> http_server::read_body(held who) {
    const auto until = host_.clock().now() + host_.limits().message_ms;
    auto& reader = who->requests;
    for (;;) {
        while (reader.step()) {}
        if (reader.whole() || reader.problem()) co_return true;
        const bool more = co_await read_more(who, until);
        if (!more) co_return false;
    }
}

/// The answer to what is read no further: the connection ends behind it.
awaitable<void> http_server::refuse(held who, answer said) {
    const request none;
    (void)co_await write(who, none, std::move(said), false);
    who->socket.finish();
    // Closing with bytes unread would take the answer back.
    std::array<std::byte, 4096> buffer;
    const auto until = host_.clock().now() + discard_limit;
    for (std::size_t sum = 0; sum < most_discarded;) {
        const auto left = until - host_.clock().now();
        if (left <= duration::zero()) break;
        const auto count = co_await who->socket.read_some(buffer, left);
        if (!count) break;
        sum += *count;
    }
}

awaitable<bool> http_server::write(held who, const request& asked, answer said, bool keep) {
    const bool good = static_cast<unsigned>(said.status) < 400;
    (good ? count_requests_ : count_refused_).add();
    const auto head = head_of(said, 11, keep, host_.clock().wall_ns());
    const auto content = said.bytes();
    std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(content.data(), content.size())};
    const bool only_head = asked.method() == http::verb::head || said.status == http::status::not_modified;
    const std::span<const asio::const_buffer> all(buffers.data(), only_head ? 1 : 2);
    const auto written = co_await who->socket.write(all, host_.viewers().stall_ms);
    co_return written.has_value();
}

/// One request and its answer. False where the connection ends or belongs to somebody else.
awaitable<bool> http_server::serve_one(held who) {
    auto& reader = who->requests;
    const duration limit = who->answered ? duration(between_limit) : duration(first_limit);
    const bool there = co_await read_head(who, limit);
    if (!there) co_return false;
    if (reader.problem()) {
        co_await refuse(who, plain_answer(reader.problem()->status, reader.problem()->why));
        co_return false;
    }
    auto stands = site_.judge(reader.head(), reader.has_body(), reader.body_bytes(), who->peer);
    if (stands.failed_attempt) {
        count_failures_.add();
        host_.log().warn("{} did not know the token", who->peer.host);
        co_await site_.make_wait();
    }
    if (stands.refused && reader.has_body()) {
        co_await refuse(who, std::move(*stands.refused));
        co_return false;
    }
    if (reader.has_body() && reader.expects_continue()) {
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        const auto sent = co_await who->socket.write(asio::buffer(go_on), host_.viewers().stall_ms);
        if (!sent) co_return false;
    }
    const bool whole = co_await read_body(who);
    if (!whole) co_return false;
    if (reader.problem()) {
        co_await refuse(who, plain_answer(reader.problem()->status, reader.problem()->why));
        co_return false;
    }
    const auto asked = reader.take();
    answer said;
    if (stands.refused) {
        said = std::move(*stands.refused);
    } else {
        auto chosen = site_.live_of(asked, stands, who->socket);
        const bool early = chosen.as != site::live::kind::none && reader.waiting() > 0;
        if (early) chosen.refused = plain_answer(http::status::bad_request, "nothing may follow before the answer");
        if (chosen.as != site::live::kind::none && !chosen.refused) {
            co_await go_live(who, std::move(chosen), stands.may);
            co_return false;
        }
        if (chosen.refused) said = std::move(*chosen.refused);
        else said = co_await site_.respond(asked, stands, who->peer);
    }
    const bool keep = asked.keep_alive() && !closing_ && !host_.draining();
    const bool written = co_await write(who, asked, std::move(said), keep);
    who->answered = true;
    co_return written && keep;
}

awaitable<void> http_server::go_live(held who, site::live chosen, rights may) {
    count_requests_.add();
    std::erase(connections_, who);
    count_connections_.set(connections_.size());
    auto& media = site_.media();
    switch (chosen.as) {
        case site::live::kind::mjpeg:
            (void)media.serve_mjpeg(std::move(who->socket), chosen.streams.front(), std::move(chosen.head));
            co_return;
        case site::live::kind::wav:
            (void)media.serve_wav(std::move(who->socket), chosen.streams.front(), std::move(chosen.head));
            co_return;
        case site::live::kind::media:
            (void)media.serve_media(std::move(who->socket), chosen.streams, std::move(chosen.head));
            co_return;
        case site::live::kind::control: break;
        case site::live::kind::none: co_return;
    }
    const auto sent = co_await who->socket.write(asio::buffer(chosen.head), host_.viewers().stall_ms);
    if (!sent) co_return;
    co_await site_.room().serve(std::move(who->socket), may == rights::admin);
}

}  // namespace streamhost::web
