#include <streamhost/stream_server.hpp>

#include <streamhost/message_stream.hpp>

#include <chrono>
#include <utility>
#include <variant>

namespace streamhost {
namespace {

/// How long viewers may take for what they have not got when the stream ends: less than the host's own limit.
constexpr auto farewell = std::chrono::seconds(2);

/// A viewer has little to say.
constexpr std::uint64_t largest_request = 4096;

/// Requests that a viewer may make within a second; ours ask every five.
constexpr int most_requests = 20;

}  // namespace

stream_server::stream_server(module_context& host, options chosen) : host_(host), options_(std::move(chosen)) {
    if (!options_.stream.empty() && !framed::is_name(options_.stream)) {
        throw configuration_error("`stream` takes up to 64 letters, digits, dots, hyphens and underscores");
    }
    announced_.stream = options_.stream;
    announced_.type = options_.type;
}

awaitable<void> stream_server::open(std::string address) {
    auto entrance = co_await host_.network().listen(std::move(address));
    fan_out::options options;
    options.queue = host_.viewers().queue.over(options_.usual_queue);
    options.on_viewers = options_.on_viewers;
    if (options_.wire == tcp_wire::framed) {
        options.open = [this](stream& session) { return open_session(session); };
        options.listen = [this](viewer& from) { return answer_pings(from); };
    }
    viewers_ = std::make_unique<fan_out>(host_, std::move(entrance), std::move(options));
}

void stream_server::accept_viewers() {
    host_.log().info("serving {} at {}", options_.stream.empty() ? options_.content : options_.stream,
                     viewers_->local().to_string());
    host_.spawn(viewers_->accept_viewers());
}

awaitable<bool> stream_server::open_session(stream& session) {
    const auto peer = session.remote().to_string();
    const auto hello = co_await take_hello(session, host_.limits().handshake_ms);
    if (!hello) {
        host_.log().warn("{} is no framed viewer: {}", peer, hello.error().message());
        co_return false;
    }
    framed::answer answer = announced_;
    const auto& name = answer.stream;
    answer.accepted = hello->stream.empty() || hello->stream == name;
    if (!answer.accepted) {
        answer.refusal = name.empty()
                             ? fmt::format("there is no stream \"{}\" here: ask without a name", hello->stream)
                             : fmt::format("there is no stream \"{}\" here, only \"{}\"", hello->stream, name);
        host_.log().warn("{} refused: {}", peer, answer.refusal);
    } else if (!viewers_->has_room()) {
        answer.accepted = false;
        answer.refusal = viewers_->turn_away(session);
    }
    answer.source = {host_.origin().boot, host_.origin().instance};
    answer.wall_ns = host_.clock().wall_ns();
    const bool accepted = answer.accepted;
    const auto sent = co_await answer_framed(session, std::move(answer), host_.limits().handshake_ms);
    co_return accepted && sent.has_value();
}

awaitable<void> stream_server::answer_pings(viewer& from) {
    receive_limits limits;
    limits.message_bytes = largest_request;
    std::int64_t second_began_ns = 0;
    int requests = 0;
    for (;;) {
        const auto request = co_await read_framed(from.session(), limits);
        const auto received_ns = host_.clock().steady_ns();
        if (!request) break;
        if (received_ns - second_began_ns >= 1'000'000'000) {
            second_began_ns = received_ns;
            requests = 0;
        }
        if (++requests > most_requests) {
            host_.log().warn("{} asks more than {} times a second: cut", from.session().remote().to_string(), most_requests);
            break;
        }
        if (request->head.type != framed::message_type::ping) continue;
        const auto content = framed::decode_payload(*request);
        if (!content) break;
        const auto& ping = std::get<framed::ping>(*content);
        framed::pong pong;
        pong.ping_sent_ns = ping.sent_ns;
        pong.ping_received_ns = received_ns;
        pong.sent_ns = host_.clock().steady_ns();
        message_header header;
        header.origin = host_.origin();
        from.reply(to_framed_message(header, pong));
    }
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
    announced_.type = of.type;
    announced_.user_type = of.user_type;
    announced_.user_version = of.user_version;
    if (options_.stream.empty()) announced_.stream = of.stream;
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
