#include "server.hpp"

#include "line_pace.hpp"

#include <streamhost/message_stream.hpp>

#include <utility>

namespace streamhost::chat {
namespace {

/// How long peers may take for what they have not got when the chat ends: less than the host's own limit.
constexpr auto farewell = std::chrono::seconds(2);

constexpr auto accept_pause = std::chrono::milliseconds(100);

/// A tutorial's peer would take an old line for a new one; who uses `nc` wants to know what was said.
constexpr std::uint32_t usual_history(chat_wire wire) { return wire == chat_wire::lines ? 20 : 0; }

}  // namespace

module_info server::describe() {
    return streamhost::describe<server, server_settings>("chat.server", "Exchanges lines of text with any number of peers")
        .setting("listen", &server_settings::listen, "where peers connect; on the wire `pickle` only to be sent lines")
            .address(address_role::listen)
        .setting("receive", &server_settings::receive,
                 "wire `pickle` only: where peers connect to send lines; usually the port below `listen`, and any port "
                 "where that has port 0")
            .address(address_role::listen)
        .setting("wire", &server_settings::wire, "the bytes on the socket: see docs/wire.md")
            .one_of({{"lines", chat_wire::lines}, {"pickle", chat_wire::pickle}})
        .setting("history", &server_settings::history,
                 "how many of the last lines to all a peer gets when it joins, never more than `viewers.queue.items`; "
                 "usually 20 on the wire `lines` and 0 on `pickle`")
            .range(0, 1000)
        .input<text>("outgoing", "lines for all peers, or for the one that `recipient` names by its address").many()
        .output<text>("incoming", "what peers say; `sender` is the address of the peer").spontaneous()
        .output<record>("peers", "who comes and goes: {\"address\": \"10.0.0.5:51234\", \"joined\": true}; a new epoch begins "
                                 "with nobody")
            .spontaneous()
        .serves_viewers();
}

void server::check(const server_settings& chosen) {
    if (chosen.wire == chat_wire::lines && chosen.receive) {
        throw setting_error("receive", "the wire `lines` has one connection for both ways: leave `receive` out, or "
                                       "choose \"wire\": \"pickle\"");
    }
    if (chosen.wire == chat_wire::pickle && !chosen.receive) {
        try {
            (void)address_below(chosen.listen);
        } catch (const configuration_error& e) {
            throw setting_error("listen", std::string(e.what()) + ": say where lines are taken with `receive`");
        }
    }
}

server::server(module_context& host, server_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      outgoing_(host.input<text>("outgoing")),
      incoming_(host.output<text>("incoming")),
      peers_output_(host.output<record>("peers")),
      count_received_(host.metric("lines_received", "lines that peers sent")),
      count_refused_(host.metric("peers_refused", "peers that were cut because of what they sent, or because they stalled")),
      count_undelivered_(host.metric("lines_undelivered", "lines that were too long, or whose recipient was not there")),
      count_turned_away_(host.metric("speakers_turned_away",
                                     "connections to `receive` refused because `viewers.max` were there")),
      count_peers_(host.metric("peers", "peers now")),
      history_(chosen_.history.value_or(usual_history(chosen_.wire))) {}

awaitable<void> server::prepare() {
    auto entrance = co_await host_.network().listen(chosen_.listen);
    if (chosen_.wire == chat_wire::pickle) {
        auto receive = chosen_.receive ? *chosen_.receive : address_below(chosen_.listen);
        speakers_entrance_ = co_await host_.network().listen(std::move(receive));
    }
    fan_out::options options;
    options.queues = {host_.viewers().queue.over(type_of<text>().defaults.viewer)};
    options.listen = [this](viewer& from) { return attend(from); };
    options.begins_with_latest = false;
    listeners_ = std::make_unique<fan_out>(host_, std::move(entrance), std::move(options));
}

awaitable<void> server::run() {
    if (chosen_.wire == chat_wire::pickle) {
        host_.log().info("chat at {}, lines are taken at {}", listeners_->local().to_string(),
                         speakers_entrance_.local().to_string());
        host_.spawn(accept_speakers());
    } else {
        host_.log().info("chat at {}", listeners_->local().to_string());
    }
    host_.spawn(listeners_->accept_viewers());
    co_await send_lines();
    // Nobody here speaks any more; the peers still do.
    while (!host_.draining()) co_await host_.sleep_for(std::chrono::hours(1));
    co_await listeners_->finish(farewell, {});
}

awaitable<void> server::send_lines() {
    for (;;) {
        const auto line = co_await outgoing_.next();
        if (!line) break;
        send(*line, line.arrived_ns());
    }
}

void server::send(const text& line, std::int64_t arrived_ns) {
    if (line.line.size() > max_line) {
        count_undelivered_.add();
        host_.log().warn("a line of {} bytes was not sent: {} are the most", line.line.size(), max_line);
        return;
    }
    auto content = to_wire(chosen_.wire, line.line);
    if (line.recipient.empty()) {
        history_.add(content, arrived_ns);
        listeners_->publish(std::move(content), arrived_ns);
        return;
    }
    bool delivered = false;
    for (auto* each : peers_.find(line.recipient)) {
        if (each->listening == nullptr) continue;
        listeners_->send_to(*each->listening, content, arrived_ns);
        delivered = true;
    }
    if (delivered) return;
    count_undelivered_.add();
    host_.log().warn("a line for {} was not sent: nobody of that address is here", line.recipient);
}

void server::send_history(viewer& to) {
    const auto& entries = history_.entries();
    const std::size_t room = host_.viewers().queue.over(type_of<text>().defaults.viewer).items;
    for (std::size_t i = entries.size() - std::min(entries.size(), room); i < entries.size(); ++i) {
        listeners_->send_to(to, entries[i].content, entries[i].arrived_ns);
    }
}

/// A connection that takes lines and, on the wire `lines`, sends them too; until it ends.
awaitable<void> server::attend(viewer& from) {
    auto& session = from.session();
    const bool both_ways = chosen_.wire == chat_wire::lines;
    const auto arrival =
        both_ways ? peers_.add_both(session.remote(), from) : peers_.add_listener(session.remote(), from);
    send_history(from);
    co_await greet(arrival);
    if (both_ways) {
        co_await take_lines(session, arrival.who->address);
    } else {
        const bool silent = co_await discard(session, 0);
        if (!silent) {
            count_refused_.add();
            host_.log().warn("{} is cut: it sends where lines are only given out; is `wire` the same on both sides?",
                             session.remote().to_string());
        }
    }
    const auto address = arrival.who->address;
    if (both_ways) peers_.remove_speaker(*arrival.who);
    if (peers_.remove_listener(*arrival.who)) co_await tell(address, false);
}

awaitable<void> server::accept_speakers() {
    for (;;) {
        auto session = co_await speakers_entrance_.accept();
        if (!session && session.error() == errc::draining) break;
        if (!session) {
            host_.log().warn("cannot accept: {}", session.error().message());
            const bool go_on = co_await host_.sleep_for(accept_pause);
            if (!go_on) break;
            continue;
        }
        if (speakers_ >= host_.viewers().max) {
            count_turned_away_.add();
            host_.log().warn("{} turned away: {} are sending lines; raise `viewers.max` to let more in",
                             session->remote().to_string(), speakers_);
            continue;
        }
        ++speakers_;  // here: the child begins in a later turn, and more sessions may come before
        host_.spawn(attend_speaker(std::make_shared<stream>(std::move(*session))));
    }
}

/// A connection that sends lines, on the wire `pickle`; until it ends.
awaitable<void> server::attend_speaker(std::shared_ptr<stream> session) {
    const drain_state::watch on_drain(host_.drain(), [&session] { session->close(); });
    const auto arrival = peers_.add_speaker(session->remote());
    co_await greet(arrival);
    co_await take_lines(*session, arrival.who->address);
    session->close();
    --speakers_;
    const auto address = arrival.who->address;
    if (peers_.remove_speaker(*arrival.who)) co_await tell(address, false);
}

awaitable<void> server::take_lines(stream& from, std::string sender) {
    line_reader reader(from, chosen_.wire, host_.clock(), host_.limits().message_ms);
    line_pace pace;
    for (;;) {
        auto line = co_await reader.next();
        if (!line) {
            const auto& error = line.error();
            if (error == errc::truncated) {
                host_.log().debug("{} left inside a line", sender);
            } else if (error != errc::end_of_stream && error.category() == error_category()) {
                count_refused_.add();
                host_.log().warn("{} is cut: {}", sender, reader.problem());
            }
            break;
        }
        count_received_.add();
        const auto size = line->size();
        text said{.line = std::move(*line), .sender = sender};
        co_await incoming_.send(std::move(said));
        const auto pause = pace.take(host_.clock().now(), size);
        if (pause > duration::zero()) {
            const bool go_on = co_await host_.sleep_for(pause);
            if (!go_on) break;
        }
    }
}

awaitable<void> server::greet(peer_table::arrival arrival) {
    if (!arrival.is_new) co_return;
    host_.log().info("{} is here", arrival.who->address);
    co_await tell(arrival.who->address, true);
}

awaitable<void> server::tell(std::string address, bool joined) {
    count_peers_.set(peers_.size());
    if (!joined) host_.log().info("{} has left", address);
    boost::json::object news{{"address", address}, {"joined", joined}};
    record content{std::move(news)};
    co_await peers_output_.send(std::move(content));
}

}  // namespace streamhost::chat
