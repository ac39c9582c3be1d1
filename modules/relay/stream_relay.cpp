#include "stream_relay.hpp"

#include <utility>
#include <variant>

namespace streamhost::relay {
namespace {

/// How long the session upstream outlives the last viewer, so that one that comes back need not wait for it.
constexpr auto linger = std::chrono::seconds(5);

}  // namespace

module_info stream_relay::describe() {
    using settings = stream_relay_settings;
    return streamhost::describe<stream_relay, settings>("relay.stream",
                                                        "Hands what one TCP server sends to any number of viewers")
        .setting("upstream", &settings::upstream, "address of the server").address(address_role::peer)
        .setting("listen", &settings::listen,
                 "address to serve at; for sound, text or whatever must be complete, give `viewers` a queue: they get the latest")
            .address(address_role::listen)
        .setting("wire", &settings::wire, "the bytes on both sockets, never converted: see docs/wire.md")
            .one_of({{"framed", tcp_wire::framed}, {"pickle", tcp_wire::pickle}})
        .setting("stream", &settings::stream,
                 "on the wire `framed`, which stream to ask upstream for, and its name here; empty: the only one")
        .setting("on_demand", &settings::on_demand,
                 "stay connected upstream only while somebody views; a link of the output `messages` views all the time")
        .setting("stale", &settings::stale,
                 "silence after which the last message is not live any more: viewers that come then get the next one")
            .range(std::chrono::milliseconds(100), std::chrono::hours(1))
        .any_output("messages", "what is passed on, decoded where this has a link").spontaneous()
        .capture()
        .serves_viewers();
}

void stream_relay::check(const stream_relay_settings& chosen) {
    if (chosen.upstream == chosen.listen) throw setting_error("upstream", "a relay cannot view itself");
}

stream_relay::stream_relay(module_context& host, stream_relay_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      copies_(host, "messages"),
      server_(host, server_options()),
      client_(host, client_options()),
      expiry_(host.timers()),
      linger_(host.timers()),
      show_stale_(host.metric("stale", "1 while the last message is older than `stale`")),
      count_empty_(host.metric("messages_empty", "pickles of None, which say that there is no message yet")) {
    if (chosen_.on_demand && !copies_.linked()) client_.hold();
}

stream_server::options stream_relay::server_options() {
    stream_server::options options;
    options.wire = chosen_.wire;
    options.stream = chosen_.stream;
    options.content = "stream";
    options.usual_queue = type_of<video_frame>().defaults.viewer;  // live, like most of what is relayed
    options.on_viewers = [this](std::size_t viewers) { note_viewers(viewers); };
    return options;
}

stream_client::options stream_relay::client_options() {
    stream_client::options options;
    options.connect = chosen_.upstream;
    options.wire = chosen_.wire;
    options.stream = chosen_.stream;
    options.content = "stream";
    options.refuse = [](framed::message_type) { return std::string(); };
    options.on_session = [this](const framed::answer& answer) {
        server_.announce(answer);
        return std::string();
    };
    options.on_condition = [this](std::string text) {
        trouble_ = std::move(text);
        show_condition();
    };
    options.take_frame = [this](framed::message received) { return take_frame(std::move(received)); };
    options.take_pickle = [this](pickle::value value, shared_bytes received) {
        return take_pickle(std::move(value), std::move(received));
    };
    return options;
}

awaitable<void> stream_relay::prepare() { co_await server_.open(chosen_.listen); }

awaitable<void> stream_relay::run() {
    server_.accept_viewers();
    co_await client_.run();
    expiry_.stop();
    co_await server_.finish();
}

awaitable<std::string> stream_relay::take_frame(framed::message received) {
    if (!framed::is_content(received.head.type)) co_return std::string();  // of a later version's session
    auto header = from_framed_header(received.head);
    if (header.hops > framed::max_hops) {
        co_return fmt::format("what it sends has passed {} relays: they may view each other", received.head.hops);
    }
    server_.forward(received, host_.clock().steady_ns());
    note_fresh();
    client_.note_message(received.payload.size(), header);
    if (copies_.linked()) co_await copies_.forward(std::move(received), header);
    co_return std::string();
}

awaitable<std::string> stream_relay::take_pickle(pickle::value value, shared_bytes received) {
    if (std::holds_alternative<pickle::none>(value)) {
        count_empty_.add();
        co_return std::string();
    }
    // How the tutorials' sound server says that its file has ended: for ever, and as fast as it can.
    const auto* const samples = std::get_if<shared_bytes>(&value);
    if (samples != nullptr && samples->empty()) co_return std::string("the stream has ended");
    server_.forward(received, host_.clock().steady_ns());
    note_fresh();
    client_.note_message(received.size());
    if (copies_.linked()) co_await copies_.send(std::move(value));
    co_return std::string();
}

void stream_relay::note_viewers(std::size_t viewers) {
    if (!chosen_.on_demand || copies_.linked()) return;
    if (viewers > 0) {
        linger_.stop();
        client_.resume();
    } else {
        linger_.start_after(linger, [this] { leave_upstream(); });
    }
}

void stream_relay::leave_upstream() {
    host_.log().info("nobody views: leaving {}", chosen_.upstream);
    client_.hold();
    expiry_.stop();
    server_.forget_latest();
    note_stale(false);
}

void stream_relay::note_fresh() {
    expiry_.start_after(chosen_.stale, [this] {
        server_.forget_latest();
        note_stale(true);
    });
    if (stale_) host_.log().info("live again");
    note_stale(false);
}

void stream_relay::note_stale(bool stale) {
    if (std::exchange(stale_, stale) == stale) return;
    show_stale_.set(stale ? 1 : 0);
    if (stale || trouble_.empty()) show_condition();  // the message that ends a trouble is about to end it
}

void stream_relay::show_condition() {
    auto text = trouble_;
    if (stale_ && text.empty()) {
        text = fmt::format("nothing from {} for {} ms", chosen_.upstream, chosen_.stale.count());
    }
    host_.set_condition(stale_ ? "stale: " + text : text);
}

}  // namespace streamhost::relay
