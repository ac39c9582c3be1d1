#include <streamhost/stream_client.hpp>

#include <streamhost/outbox.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace streamhost {
namespace {

constexpr auto first_delay = std::chrono::milliseconds(250);
constexpr auto longest_delay = std::chrono::seconds(10);
/// On the wire `pickle` a server has nothing to say between two messages, and a session that is opened again costs it
/// little. (A `framed` one answers pings.)
constexpr auto pickle_silence = std::chrono::seconds(30);
/// A server whose first message takes longer is worth a word.
constexpr auto first_message_limit = std::chrono::seconds(2);
/// How long the server may take for what it has not got when the host drains: less than the host's own limit.
constexpr auto farewell_limit = std::chrono::seconds(2);

}  // namespace

/// What goes to the server in one `framed` session.
struct stream_client::outlet {
    std::shared_ptr<stream> session;
    outbox waiting;
    event changed;
    bool sends = false;  ///< messages too, not only pings
    bool closed = false;
};

struct stream_client::departures {
    explicit departures(module_context& host)
        : sent(host.metric("messages_sent", "messages written to the server")),
          bytes(host.metric("bytes_sent", "bytes of messages written to the server")),
          dropped(host.metric("messages_dropped", "messages that the connection was too slow for, or that a session's end "
                                                  "left behind")),
          unsent(host.metric("messages_unsent", "messages that came while there was no session, but for each stream's last")) {}

    counter& sent;
    counter& bytes;
    counter& dropped;
    counter& unsent;
};

stream_client::stream_client(module_context& host, options chosen)
    : host_(host),
      options_(std::move(chosen)),
      peer_(host),
      arrivals_(host),
      count_sessions_(host.metric("sessions_opened", "connections to the server that were made")),
      departures_(options_.queues.empty() ? nullptr : std::make_unique<departures>(host)),
      latest_(options_.queues.size()),
      farewell_(host.timers()) {}

stream_client::~stream_client() = default;

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
    close_outlet();
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
    if (host_.draining() && outlet_ && outlet_->sends) begin_farewell();
    else if (session_) session_->close();
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
    message_reader reader(session);
    for (;;) {
        auto body = co_await reader.next(limits());
        if (!body && body.error() == errc::end_of_stream && !useful_) {
            co_return body.error().message() + " before it sent anything; is `wire` the same on both sides?";
        }
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
    if (options_.many) hello.flags = framed::many_streams;
    std::string refusal;
    const auto answer = co_await open_framed(session, std::move(hello), refusal, host_.limits().handshake_ms);
    if (!answer && answer.error() == errc::malformed) {
        co_return answer.error().message() + "; is `wire` the same on both sides?";
    }
    if (!answer) co_return refusal.empty() ? answer.error().message() : refusal;
    std::string unwanted;
    if (options_.refuse) unwanted = options_.refuse(answer->type);
    if (!unwanted.empty()) co_return unwanted;
    peer_.begin(answer->source.boot);
    outlet_ = std::make_shared<outlet>();
    outlet_->session = shared;
    if (options_.on_session) unwanted = options_.on_session(*answer);
    if (!unwanted.empty()) co_return unwanted;
    open_outlet(*answer);
    auto ending = co_await take_frames(outlet_);
    co_return ending;
}

awaitable<std::string> stream_client::take_frames(std::shared_ptr<outlet> of) {
    message_reader reader(*of->session);
    for (;;) {
        auto message = co_await reader.next_framed(limits());
        if (!message) co_return message.error().message();
        const auto of_session = peer_.take(*message, [this](wire_message answer) { reply(std::move(answer)); });
        std::string ending;
        if (of_session) {
            ending = *of_session;
        } else {
            ending = co_await options_.take_frame(std::move(*message));
        }
        if (!ending.empty()) co_return ending;
    }
}

void stream_client::note_message(std::size_t size) {
    arrivals_.note(size);
    note_use("receiving {} from {}");
}

void stream_client::note_message(std::size_t size, message_header& header) {
    const auto now_ns = host_.clock().steady_ns();
    peer_.note_local_time(header, now_ns);
    arrivals_.note(size, header, now_ns);
    note_use("receiving {} from {}");
}

void stream_client::note_session() { note_use("ready to send {} to {}"); }

void stream_client::note_use(std::string_view sentence) {
    if (std::exchange(useful_, true)) return;
    host_.log().info("{}", fmt::format(fmt::runtime(sentence), options_.content, options_.connect));
    tell_condition({});
}

void stream_client::open_outlet(const framed::answer& answer) {
    outlet_->sends = !options_.queues.empty() && (answer.flags & framed::many_streams) != 0;
    for (std::size_t i = 0; outlet_->sends && i < options_.queues.size(); ++i) {
        outlet_->waiting.open(i, options_.queues[i]);
        if (latest_[i].content) store(i, latest_[i]);
    }
    host_.spawn(write(outlet_));
    host_.spawn(ping(outlet_));
}

void stream_client::close_outlet() {
    if (!outlet_) return;
    if (departures_) departures_->dropped.add(outlet_->waiting.waiting());
    outlet_->closed = true;
    outlet_->changed.set();
    outlet_.reset();
}

void stream_client::send(std::size_t stream, wire_message content, std::int64_t arrived_ns) {
    auto& latest = latest_.at(stream);
    latest = {std::make_shared<const wire_message>(std::move(content)), arrived_ns};
    if (outlet_ && outlet_->sends) {
        store(stream, latest);
    } else {
        departures_->unsent.add();
    }
}

void stream_client::store(std::size_t stream, const sent_last& content) {
    const bool stays =
        outlet_->waiting.store(stream, content.content, content.arrived_ns, host_.clock().steady_ns());
    departures_->dropped.add(outlet_->waiting.take_drops());
    if (!stays) outlet_->session->close();  // the policy `disconnect`
    outlet_->changed.set();
}

void stream_client::reply(wire_message content) {
    if (!outlet_) return;
    if (!outlet_->waiting.reply(std::move(content))) outlet_->session->close();  // it asks for more than it reads
    outlet_->changed.set();
}

void stream_client::finish() {
    no_more_ = true;
    if (outlet_) outlet_->changed.set();
}

void stream_client::begin_farewell() {
    farewell_.start_after(farewell_limit, [this] {
        if (outlet_) outlet_->session->close();
    });
    outlet_->changed.set();
}

awaitable<void> stream_client::write(std::shared_ptr<outlet> to) {
    while (!to->closed) {
        const auto next = to->waiting.next(host_.clock().steady_ns());
        if (departures_) departures_->dropped.add(to->waiting.take_drops());  // of those that were too old
        if (!next.content && to->sends && no_more_ && host_.draining()) {
            co_await say_farewell(to);
            break;
        }
        if (!next.content) {
            co_await to->changed.wait();
            continue;
        }
        const auto done = co_await write_message(*to->session, next.content, host_.viewers().stall_ms);
        if (!done) {
            to->session->close();
            break;
        }
        if (next.is_reply || !departures_) continue;
        departures_->sent.add();
        departures_->bytes.add(next.content->size());
    }
}

awaitable<void> stream_client::say_farewell(std::shared_ptr<outlet> to) {
    message_header header;
    header.origin = host_.origin();
    framed::end_of_stream end;
    end.text = "the client stops";
    const auto last = std::make_shared<const wire_message>(to_framed_message(header, end));
    (void)co_await write_message(*to->session, last, farewell_limit);  // who cannot take it any more is leaving anyway
    to->session->finish();
    // Not closed: what the server has sent is read on until it closes too, or its time is up. A close with bytes unread is
    // a reset, which takes the last messages with it.
}

awaitable<void> stream_client::ping(std::weak_ptr<outlet> weak) {
    for (bool go_on = true; go_on; go_on = co_await host_.sleep_for(ping_period)) {
        const auto to = weak.lock();
        if (!to || to->closed || to != outlet_) co_return;
        reply(peer_.ping());
    }
}

}  // namespace streamhost
