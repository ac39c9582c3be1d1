#include <streamhost/stream_server.hpp>

#include "net/framed_requests.hpp"

#include <streamhost/message_stream.hpp>

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace streamhost {
namespace {

/// How long viewers may take for what they have not got when the stream ends: less than the host's own limit.
constexpr auto farewell = std::chrono::seconds(2);

}  // namespace

wire_message announce_streams(const message_origin& origin, const std::vector<framed_stream>& streams) {
    message_header header;
    header.origin = origin;
    std::vector<std::byte> all;
    for (std::size_t i = 0; i < streams.size(); ++i) {
        auto head = to_framed_header(header);
        head.channel = static_cast<std::uint32_t>(i + 1);
        framed::announce stream;
        stream.name = streams[i].name;
        stream.type = streams[i].type;
        stream.user_type = streams[i].user_type;
        stream.user_version = streams[i].user_version;
        const auto written = framed::encode(head, stream);
        for (const auto& piece : {written.prefix, written.body}) {
            all.insert(all.end(), piece.span().begin(), piece.span().end());
        }
    }
    wire_message whole;
    whole.pieces.push_back(shared_bytes::adopt(std::move(all)));
    return whole;
}

stream_server::stream_server(module_context& host, options chosen)
    : host_(host),
      options_(std::move(chosen)),
      streams_(options_.streams),
      count_refused_(host.metric("peers_refused", "peers that were cut because of what they sent")) {
    if (!options_.stream.empty() && !framed::is_name(options_.stream)) {
        throw configuration_error("`stream` takes up to 64 letters, digits, dots, hyphens and underscores");
    }
    if (!options_.many) streams_ = {{options_.stream, options_.type, {}, 0, options_.usual_queue}};
}

awaitable<void> stream_server::open(std::string address) {
    auto entrance = co_await host_.network().listen(std::move(address));
    fan_out::options options;
    options.on_viewers = options_.on_viewers;
    options.queues.clear();
    for (const auto& each : streams_) options.queues.push_back(host_.viewers().queue.over(each.usual_queue));
    if (options_.many) {
        // A message has two forms: with its channel, and, for a viewer of one stream, without. Each is a channel of its
        // own here, first all of the one, then all of the other.
        const auto queues = options.queues;
        options.queues.insert(options.queues.end(), queues.begin(), queues.end());
    }
    if (options_.wire == tcp_wire::framed) {
        options.open = [this](viewer& guest) { return open_session(guest); };
        options.ear = [this](const viewer& guest) { return ear_for(guest); };
        options.listen = [this](viewer& from) { return attend(from); };
        options.on_objection = [this](const net_address& from, const std::string& why) { note_cut(from, why); };
    }
    viewers_ = std::make_unique<fan_out>(host_, std::move(entrance), std::move(options));
}

void stream_server::accept_viewers() {
    host_.log().info("serving {} at {}", options_.stream.empty() ? options_.content : options_.stream,
                     viewers_->local().to_string());
    host_.spawn(viewers_->accept_viewers());
}

const framed_stream* stream_server::find(std::string_view name) const {
    if (name.empty()) return streams_.size() == 1 ? &streams_.front() : nullptr;
    const auto found = std::ranges::find(streams_, name, &framed_stream::name);
    return found == streams_.end() ? nullptr : &*found;
}

std::string stream_server::refusal_of(std::string_view name) const {
    std::vector<std::string> names;
    for (const auto& each : streams_) {
        if (!each.name.empty()) names.push_back("\"" + each.name + "\"");
    }
    if (streams_.empty()) return "nothing is served here: a session of many streams can send";
    if (name.empty()) return fmt::format("there are several streams here: ask for one of {}", fmt::join(names, ", "));
    if (names.empty()) return fmt::format("there is no stream \"{}\" here: ask without a name", name);
    return fmt::format("there is no stream \"{}\" here, only {}", name, fmt::join(names, ", "));
}

bool stream_server::gets_many(const viewer& guest) const {
    return options_.many && (streams_.empty() || guest.channels().test(0));
}

awaitable<bool> stream_server::open_session(viewer& guest) {
    auto& session = guest.session();
    const auto peer = session.remote().to_string();
    const auto hello = co_await take_hello(session, host_.limits().handshake_ms);
    if (!hello) {
        host_.log().warn("{} is no framed viewer: {}", peer, hello.error().message());
        co_return false;
    }
    const bool many = options_.many && (hello->flags & framed::many_streams) != 0 && hello->stream.empty();
    const auto* const wanted = many ? nullptr : find(hello->stream);
    framed::answer answer;
    answer.accepted = many || wanted != nullptr;
    if (!answer.accepted) {
        answer.refusal = refusal_of(hello->stream);
        host_.log().warn("{} refused: {}", peer, answer.refusal);
    } else if (!viewers_->has_room()) {
        answer.accepted = false;
        answer.refusal = viewers_->turn_away(session);
    }
    if (many) answer.flags = framed::many_streams;
    if (wanted != nullptr) {
        answer.stream = wanted->name;
        answer.type = wanted->type;
        answer.user_type = wanted->user_type;
        answer.user_version = wanted->user_version;
    }
    answer.source = {host_.origin().boot, host_.origin().instance};
    answer.wall_ns = host_.clock().wall_ns();
    const bool accepted = answer.accepted;
    if (options_.many) {
        channel_set channels;
        for (std::size_t i = 0; many && i < streams_.size(); ++i) channels.set(i);
        if (wanted != nullptr) channels.set(streams_.size() + static_cast<std::size_t>(wanted - streams_.data()));
        guest.choose(channels);
    }
    const auto sent = co_await answer_framed(session, std::move(answer), host_.limits().handshake_ms);
    if (accepted && sent && many && !streams_.empty()) guest.reply(announce_streams(host_.origin(), streams_));
    co_return accepted && sent.has_value();
}

std::unique_ptr<viewer_ear> stream_server::ear_for(const viewer& guest) const {
    return gets_many(guest) ? nullptr : std::make_unique<framed_requests>(host_);
}

void stream_server::note_cut(const net_address& peer, const std::string& why) {
    count_refused_.add();
    host_.log().warn("{} is cut: {}", peer.to_string(), why);
}

/// A session of many streams.
awaitable<void> stream_server::attend(viewer& from) {
    const auto here = std::make_shared<present>(present{from, framed_peer(host_)});
    std::unique_ptr<framed_receiver> receiver;
    if (options_.receiver) receiver = options_.receiver(here->peer, from.session().remote().to_string());
    host_.spawn(ping(here));
    receive_limits limits;
    limits.message_bytes = host_.limits().message_bytes;
    limits.message = host_.limits().message_ms;
    limits.idle = framed_silence;
    message_reader reader(from.session());
    for (;;) {
        auto message = co_await reader.next_framed(limits);
        if (!message) {
            const auto& error = message.error();
            const bool of_peer = error == errc::malformed || error == errc::too_large || error == errc::unsupported ||
                                 error == errc::circling;
            if (of_peer) co_await dismiss(from, error.message());
            break;
        }
        const auto of_session = here->peer.take(*message, [&from](wire_message answer) { from.reply(std::move(answer)); });
        if (of_session && !of_session->empty()) break;
        if (of_session || !receiver) continue;
        auto ending = co_await receiver->take(std::move(*message));
        if (!ending.empty()) {
            co_await dismiss(from, std::move(ending));
            break;
        }
    }
}

awaitable<void> stream_server::ping(std::weak_ptr<present> to) {
    for (bool go_on = true; go_on; go_on = co_await host_.sleep_for(ping_period)) {
        const auto here = to.lock();
        if (!here) co_return;
        here->who.reply(here->peer.ping());
    }
}

/// Tells the peer why, and reads on until it is gone: bytes that nobody has read would take the last word with them.
awaitable<void> stream_server::dismiss(viewer& from, std::string why) {
    note_cut(from.session().remote(), why);
    from.dismiss(framed_failure(host_.origin(), std::move(why)));
    (void)co_await discard(from.session(), std::numeric_limits<std::size_t>::max());
}

void stream_server::publish(const message_header& header, const framed::payload& content, std::int64_t arrived_ns) {
    viewers_->publish(to_framed_message(header, content), arrived_ns);
}

void stream_server::publish(const pickle::pieces& content, std::int64_t arrived_ns) {
    viewers_->publish(to_pickle_message(content), arrived_ns);
}

void stream_server::forward(const framed::message& received, std::int64_t arrived_ns) {
    viewers_->publish(forward_framed(received), arrived_ns);
}

void stream_server::forward(const shared_bytes& pickle, std::int64_t arrived_ns) {
    viewers_->publish(forward_pickle(pickle), arrived_ns);
}

void stream_server::announce(const framed::answer& of) {
    auto& only = streams_.front();
    only.type = of.type;
    only.user_type = of.user_type;
    only.user_version = of.user_version;
    if (options_.stream.empty()) only.name = of.stream;
}

void stream_server::publish(std::size_t stream, const framed::pieces& content, std::int64_t arrived_ns) {
    const auto channel = framed::with_channel(content, static_cast<std::uint32_t>(stream + 1));
    wire_message with;
    with.pieces.push_back(channel.prefix);
    with.pieces.push_back(channel.body);
    viewers_->publish(std::move(with), arrived_ns, stream);
    wire_message without;
    without.pieces.push_back(content.prefix);
    without.pieces.push_back(content.body);
    viewers_->publish(std::move(without), arrived_ns, streams_.size() + stream);
}

wire_message stream_server::last_word() const {
    if (options_.wire == tcp_wire::pickle) return {};  // it knows no end but the connection's
    framed::end_of_stream end;
    end.text = host_.draining() ? "the stream has ended: the server stops" : "the stream has ended";
    message_header header;
    header.origin = host_.origin();
    return to_framed_message(header, end);
}

awaitable<void> stream_server::finish() {
    auto last = last_word();
    co_await viewers_->finish(farewell, std::move(last));
}

}  // namespace streamhost
