#include <streamhost/stream_client.hpp>

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace streamhost {
namespace {

constexpr auto first_delay = std::chrono::milliseconds(250);
constexpr auto longest_delay = std::chrono::seconds(10);
constexpr auto ping_period = std::chrono::seconds(5);
/// A `framed` server answers pings: one that has been silent for so long has gone. On the wire `pickle` a server has
/// nothing to say between two messages, and a session that is opened again costs it little.
constexpr auto framed_silence = 3 * ping_period;
constexpr auto pickle_silence = std::chrono::seconds(30);
/// A server whose first message takes longer is worth a word.
constexpr auto first_message_limit = std::chrono::seconds(2);
constexpr auto write_limit = std::chrono::seconds(10);

}  // namespace

stream_client::stream_client(module_context& host, options chosen)
    : host_(host),
      options_(std::move(chosen)),
      count_received_(host.metric("messages_received", "messages that came")),
      count_bytes_(host.metric("bytes_received", "bytes of messages that came")),
      count_sessions_(host.metric("sessions_opened", "connections to the server that were made")),
      age_p50_us_(host.metric("age_p50_us", "age of messages at arrival: median; 0 where the clocks cannot tell")),
      age_p99_us_(host.metric("age_p99_us", "age of messages at arrival: 99th percentile")) {}

awaitable<void> stream_client::run() {
    const drain_state::watch on_drain(host_.drain(), [this] { interrupt(); });
    backoff delay(first_delay, longest_delay);
    while (!host_.draining()) {
        if (held_) {
            co_await changed_.wait();
            continue;
        }
        const auto ending = co_await converse();
        if (host_.draining() || held_) continue;
        if (useful_) delay.reset();
        tell_condition(fmt::format("no {} from {}: {}", options_.content, options_.connect, ending));
        co_await rest(delay.next(host_.random()));
    }
}

/// One session from its beginning to its end, and why it has ended.
awaitable<std::string> stream_client::converse() {
    useful_ = false;
    auto dialled = co_await host_.network().dial(options_.connect);
    if (!dialled) co_return dialled.error().message();
    if (held_ || host_.draining()) co_return std::string();
    count_sessions_.add();
    session_ = std::make_shared<stream>(std::move(*dialled));
    auto ending = co_await receive(session_);
    session_->close();
    session_.reset();
    co_return ending;
}

void stream_client::hold() {
    if (std::exchange(held_, true)) return;
    tell_condition({});
    interrupt();
}

void stream_client::resume() {
    held_ = false;
    changed_.set();
}

void stream_client::interrupt() {
    if (session_) session_->close();
    changed_.set();
}

/// Before the next session; over at once where that is not wanted any more.
awaitable<void> stream_client::rest(duration span) {
    bool over = false;
    timer end(host_.timers());
    end.start_after(span, [&] {
        over = true;
        changed_.set();
    });
    while (!over && !held_ && !host_.draining()) co_await changed_.wait();
}

void stream_client::tell_condition(std::string text) {
    if (options_.on_condition) {
        options_.on_condition(std::move(text));
    } else {
        host_.set_condition(std::move(text));
    }
}

awaitable<std::string> stream_client::receive(std::shared_ptr<stream> session) {
    timer patience(host_.timers());
    patience.start_after(first_message_limit, [this] {
        if (!useful_) tell_condition(fmt::format("connected to {}, no {} yet", options_.connect, options_.content));
    });
    std::string ending;
    if (options_.wire == tcp_wire::pickle) {
        ending = co_await receive_pickles(*session);
    } else {
        ending = co_await receive_frames(session);
    }
    co_return ending;
}

receive_limits stream_client::limits() const {
    receive_limits limits;
    limits.message_bytes = host_.limits().message_bytes;
    limits.message = host_.limits().message_ms;
    limits.idle = options_.wire == tcp_wire::pickle ? duration(pickle_silence) : duration(framed_silence);
    return limits;
}

awaitable<std::string> stream_client::receive_pickles(stream& session) {
    for (;;) {
        auto body = co_await read_prefixed(session, limits());
        if (!body) co_return body.error().message();
        pickle::refusal why;
        auto value = pickle::parse(*body, &why);
        if (!value) co_return fmt::format("refused its pickle at byte {}: {}", why.offset, why.text);
        auto ending = co_await options_.take_pickle(std::move(*value), std::move(*body));
        if (!ending.empty()) co_return ending;
    }
}

awaitable<std::string> stream_client::receive_frames(std::shared_ptr<stream> shared) {
    auto& session = *shared;
    framed::hello hello;
    hello.stream = options_.stream;
    std::string refusal;
    const auto answer = co_await open_framed(session, std::move(hello), refusal, host_.limits().handshake_ms);
    if (!answer) co_return refusal.empty() ? answer.error().message() : refusal;
    auto unwanted = options_.refuse(answer->type);
    if (unwanted.empty() && options_.on_session) unwanted = options_.on_session(*answer);
    if (!unwanted.empty()) co_return unwanted;
    peer_clock_ = {};
    peer_boot_ = answer->source.boot;
    host_.spawn(ping(shared));
    for (;;) {
        auto message = co_await read_framed(session, limits());
        if (!message) co_return message.error().message();
        auto ending = co_await take(std::move(*message));
        if (!ending.empty()) co_return ending;
    }
}

awaitable<std::string> stream_client::take(framed::message message) {
    using enum framed::message_type;
    const auto type = message.head.type;
    if (type != ping && type != pong && type != end_of_stream && type != failure) {
        auto ending = co_await options_.take_frame(std::move(message));
        co_return ending;
    }
    const auto received_ns = host_.clock().steady_ns();
    const auto content = framed::decode_payload(message);
    if (!content) co_return content.error().message();
    if (const auto* pong = std::get_if<framed::pong>(&*content)) peer_clock_.add(*pong, received_ns);
    if (const auto* failure = std::get_if<framed::failure>(&*content)) {
        co_return failure->text.empty() ? std::string("the stream has failed") : failure->text;
    }
    if (const auto* end = std::get_if<framed::end_of_stream>(&*content)) {
        co_return end->text.empty() ? std::string("the stream has ended") : end->text;
    }
    co_return std::string();
}

void stream_client::note_message(std::size_t size) {
    count_received_.add();
    count_bytes_.add(size);
    if (std::exchange(useful_, true)) return;
    host_.log().info("receiving {} from {}", options_.content, options_.connect);
    tell_condition({});
}

void stream_client::note_message(std::size_t size, message_header& header) {
    note_message(size);
    const auto now_ns = host_.clock().steady_ns();
    note_local_time(header, now_ns);
    const auto age_ns = header.age_ns(now_ns);
    if (!age_ns) return;  // unknown is shown as unknown
    ages_.add(*age_ns);
    age_p50_us_.set(static_cast<std::uint64_t>(ages_.percentile(0.50) / 1000));
    age_p99_us_.set(static_cast<std::uint64_t>(ages_.percentile(0.99) / 1000));
}

void stream_client::note_local_time(message_header& header, std::int64_t now_ns) const {
    if (header.origin.boot == host_.origin().boot) {
        header.local_ns = header.steady_ns;
    } else if (header.origin.boot == peer_boot_) {  // of a third machine, behind a relay, nothing is known
        const auto offset = peer_clock_.at(now_ns);
        if (!offset) return;
        // Without signs: what the peer claims as its time may be anything.
        header.local_ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(header.steady_ns) -
                                                    static_cast<std::uint64_t>(offset->offset_ns));
        header.uncertainty_ns = offset->uncertainty_ns;
    }
}

awaitable<void> stream_client::ping(std::weak_ptr<stream> weak) {
    for (bool go_on = true; go_on; go_on = co_await host_.sleep_for(ping_period)) {
        const auto session = weak.lock();
        if (!session) co_return;
        framed::ping ping;
        ping.sent_ns = host_.clock().steady_ns();
        message_header header;
        header.origin = host_.origin();
        auto pieces = framed::encode(to_framed_header(header), ping);
        const auto sent = co_await write_framed(*session, std::move(pieces), write_limit);
        if (!sent) co_return;
    }
}

}  // namespace streamhost
