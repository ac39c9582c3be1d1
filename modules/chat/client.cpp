#include "client.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace streamhost::chat {
namespace {

constexpr auto first_delay = std::chrono::milliseconds(250);
constexpr auto longest_delay = std::chrono::seconds(10);
/// For a line that is being written: without progress for so long the connection is given up.
constexpr auto write_limit = std::chrono::seconds(10);
/// For the server to close too, after the last line.
constexpr auto farewell = std::chrono::seconds(1);

awaitable<std::string> discard(stream& from) {
    std::array<std::byte, 512> ignored;
    for (;;) {
        const auto count = co_await from.read_some(ignored);
        if (!count) co_return count.error().message();
    }
}

}  // namespace

module_info client::describe() {
    return streamhost::describe<client, client_settings>("chat.client",
                                                         "Exchanges lines of text with a server, and comes back to it")
        .setting("connect", &client_settings::connect, "address of the server; on the wire `pickle` where it sends lines")
            .address(address_role::peer)
        .setting("send", &client_settings::send,
                 "wire `pickle` only: where the server takes lines; usually the port below `connect`")
            .address(address_role::peer)
        .setting("wire", &client_settings::wire, "the bytes on the socket: see docs/wire.md")
            .one_of({{"lines", chat_wire::lines}, {"pickle", chat_wire::pickle}})
        .input<text>("outgoing", "lines for the server; those that come while it is away wait in the link").optional()
        .output<text>("incoming", "what the server says; `sender` is its address").spontaneous();
}

void client::check(const client_settings& chosen) {
    if (chosen.wire == chat_wire::lines && chosen.send) {
        throw setting_error("send", "the wire `lines` has one connection for both ways: leave `send` out, or choose "
                                    "\"wire\": \"pickle\"");
    }
    if (chosen.wire == chat_wire::pickle && !chosen.send) {
        try {
            (void)address_below(chosen.connect);
        } catch (const configuration_error& e) {
            throw setting_error("connect", std::string(e.what()) + ": say where lines are taken with `send`");
        }
    }
}

client::client(module_context& host, client_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      outgoing_(host.input<text>("outgoing")),
      incoming_(host.output<text>("incoming")),
      count_received_(host.metric("lines_received", "lines that came")),
      count_sent_(host.metric("lines_sent", "lines that were sent")),
      count_unsent_(host.metric("lines_unsent", "lines that were too long, for somebody else, or left over at the end")),
      count_sessions_(host.metric("sessions_opened", "connections to the server that were made")) {}

awaitable<void> client::run() {
    way first{.number = 0, .address = chosen_.connect, .hears = true};
    if (chosen_.wire == chat_wire::lines) {
        first.speaks = true;
    } else {
        const auto below = chosen_.send ? *chosen_.send : address_below(chosen_.connect);
        way second{.number = 1, .address = below, .speaks = true};
        host_.spawn(keep(std::move(second)));
    }
    host_.spawn(keep(std::move(first)));
    co_await send_lines();
    // Nobody here speaks any more; the server still does.
    while (!host_.draining()) co_await host_.sleep_for(std::chrono::hours(1));
    co_await say_farewell();
}

awaitable<void> client::keep(way of) {
    backoff delay(first_delay, longest_delay);
    while (!host_.draining()) {
        auto dialled = co_await host_.network().dial(of.address);
        std::string ending;
        if (dialled) {
            count_sessions_.add();
            const auto begun = host_.clock().now();
            bool useful = false;
            auto session = std::make_shared<stream>(std::move(*dialled));
            ending = co_await use(std::move(session), of, useful);
            if (useful || host_.clock().now() - begun > longest_delay) delay.reset();
        } else {
            ending = dialled.error().message();
        }
        if (host_.draining()) break;
        note(of, std::move(ending));
        const bool go_on = co_await host_.sleep_for(delay.next(host_.random()));
        if (!go_on) break;
    }
}

awaitable<std::string> client::use(std::shared_ptr<stream> session, way of, bool& useful) {
    const drain_state::watch on_drain(host_.drain(), [&session, &of] {
        if (!of.speaks) session->close();  // else after the last line
    });
    if (host_.draining()) co_return std::string();
    note(of, {});
    if (of.speaks) {
        speaking_ = session;
        speaking_changed_.set();
    }
    std::string ending;
    if (of.hears) {
        ending = co_await hear(*session, useful);
    } else {
        ending = co_await discard(*session);
    }
    session->close();
    if (of.speaks) {
        speaking_.reset();
        speaking_changed_.set();
    }
    co_return ending;
}

awaitable<std::string> client::hear(stream& from, bool& useful) {
    line_reader reader(from, chosen_.wire, host_.clock(), host_.limits().message_ms);
    for (;;) {
        auto line = co_await reader.next();
        if (!line) co_return reader.problem();
        useful = true;
        count_received_.add();
        text said{.line = std::move(*line), .sender = chosen_.connect};
        co_await incoming_.send(std::move(said));
    }
}

void client::note(const way& of, std::string problem) {
    if (problem.empty()) {
        host_.log().info("connected to {}", of.address);
    } else {
        problem = fmt::format("no chat with {}: {}", of.address, problem);
    }
    problems_[of.number] = std::move(problem);
    host_.set_condition(problems_[0].empty() ? problems_[1] : problems_[0]);
}

bool client::is_sendable(const text& line) {
    if (line.line.size() > max_line) {
        host_.log().warn("a line of {} bytes was not sent: {} are the most", line.line.size(), max_line);
        return false;
    }
    if (!line.recipient.empty() && line.recipient != chosen_.connect) {
        host_.log().warn("a line for {} was not sent: only {} is here", line.recipient, chosen_.connect);
        return false;
    }
    return true;
}

awaitable<void> client::send_lines() {
    std::uint64_t left_over = 0;
    for (;;) {
        const auto line = co_await outgoing_.next();
        if (!line) break;
        if (!is_sendable(*line)) {
            count_unsent_.add();
            continue;
        }
        const bool sent = co_await deliver(line->line);
        (sent ? count_sent_ : count_unsent_).add();
        left_over += sent ? 0 : 1;
    }
    if (left_over > 0) host_.log().warn("{} lines were never sent: there was no connection", left_over);
}

/// Again and again until a connection has taken it; false when the host drains and there is none.
awaitable<bool> client::deliver(std::string line) {
    const auto content = to_wire(chosen_.wire, line);
    std::vector<asio::const_buffer> buffers;
    for (const auto& piece : content.pieces) buffers.push_back(asio::buffer(piece.data(), piece.size()));
    const drain_state::watch on_drain(host_.drain(), [this] { speaking_changed_.set(); });
    for (;;) {
        const auto session = speaking_;
        if (session) {
            const auto done = co_await session->write(std::span<const asio::const_buffer>(buffers), write_limit);
            if (done) co_return true;
            session->close();  // the reader sees it, and the next connection gets the line
            if (speaking_ == session) speaking_.reset();
        } else {
            if (host_.draining()) co_return false;
            co_await speaking_changed_.wait();
        }
    }
}

/// The server gets what is on its way to the end, where it takes it.
awaitable<void> client::say_farewell() {
    if (!speaking_) co_return;
    speaking_->finish();
    bool expired = false;
    timer deadline(host_.timers());
    deadline.start_after(farewell, [&] {
        expired = true;
        speaking_changed_.set();
    });
    while (speaking_ && !expired) co_await speaking_changed_.wait();
    if (speaking_) speaking_->close();
}

}  // namespace streamhost::chat
