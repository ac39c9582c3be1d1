#include "tcp_client.hpp"

#include <streamhost/wire/pickle.hpp>

namespace streamhost::video {
namespace {

constexpr auto first_delay = std::chrono::milliseconds(250);
constexpr auto longest_delay = std::chrono::seconds(10);
constexpr auto ping_period = std::chrono::seconds(5);
/// A `framed` server answers pings: one that has been silent for so long has gone. On the wire `pickle` a server has
/// nothing to say between two pictures, and a session that is opened again costs it little.
constexpr auto framed_silence = 3 * ping_period;
constexpr auto pickle_silence = std::chrono::seconds(30);
/// A server whose first picture takes longer is worth a word.
constexpr auto first_picture_limit = std::chrono::seconds(2);
constexpr auto write_limit = std::chrono::seconds(10);

}  // namespace

module_info tcp_client::describe() {
    return streamhost::describe<tcp_client, tcp_client_settings>("video.tcp_client",
                                                                 "Views the video of a TCP server, and comes back to it")
        .setting("connect", &tcp_client_settings::connect, "address of the server").address(address_role::peer)
        .setting("wire", &tcp_client_settings::wire, "the bytes on the socket: see docs/wire.md")
            .one_of({{"framed", tcp_wire::framed}, {"pickle", tcp_wire::pickle}})
        .setting("stream", &tcp_client_settings::stream, "which stream, on the wire `framed`; empty: the only one")
        .output<video_frame>("frames", "raw pictures, from a server that sends such").spontaneous()
        .output<encoded_image>("images", "JPEG pictures, from a server that sends such").spontaneous();
}

tcp_client::tcp_client(module_context& host, tcp_client_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      frames_(host.output<video_frame>("frames")),
      images_(host.output<encoded_image>("images")),
      count_received_(host.metric("messages_received", "pictures that came")),
      count_bytes_(host.metric("bytes_received", "bytes of pictures that came")),
      count_sessions_(host.metric("sessions_opened", "connections to the server that were made")),
      age_p50_us_(host.metric("age_p50_us", "age of pictures at arrival: median; 0 where the clocks cannot tell")),
      age_p99_us_(host.metric("age_p99_us", "age of pictures at arrival: 99th percentile")) {
    if (frames_.linked() == images_.linked()) {
        throw configuration_error("link exactly one of the outputs `frames` and `images`");
    }
    if (chosen_.wire == tcp_wire::pickle && !frames_.linked()) {
        throw configuration_error("the wire `pickle` carries raw pictures: link `frames`, or choose \"wire\": \"framed\"");
    }
}

awaitable<void> tcp_client::run() {
    backoff delay(first_delay, longest_delay);
    while (!host_.draining()) {
        auto dialled = co_await host_.network().dial(chosen_.connect);
        std::string ending;
        bool useful = false;
        if (dialled) {
            count_sessions_.add();
            const auto session = std::make_shared<stream>(std::move(*dialled));
            const drain_state::watch on_drain(host_.drain(), [&session] { session->close(); });
            if (!host_.draining()) ending = co_await view(session, useful);
            session->close();
        } else {
            ending = dialled.error().message();
        }
        if (host_.draining()) break;
        if (useful) delay.reset();
        host_.set_condition(fmt::format("no video from {}: {}", chosen_.connect, ending));
        const bool go_on = co_await host_.sleep_for(delay.next(host_.random()));
        if (!go_on) break;
    }
}

awaitable<std::string> tcp_client::view(std::shared_ptr<stream> session, bool& useful) {
    timer patience(host_.timers());
    patience.start_after(first_picture_limit, [this, &useful] {
        if (!useful) host_.set_condition(fmt::format("connected to {}, no picture yet", chosen_.connect));
    });
    std::string ending;
    if (chosen_.wire == tcp_wire::pickle) {
        ending = co_await view_pickle(*session, useful);
    } else {
        ending = co_await view_framed(session, useful);
    }
    co_return ending;
}

std::string tcp_client::missing_link(std::string_view port) const {
    return fmt::format("it sends {}, and that port has no link; add \"{}.{} -> ...\" and remove the other", port,
                       host_.name(), port);
}

awaitable<std::string> tcp_client::view_pickle(stream& session, bool& useful) {
    receive_limits limits;
    limits.message_bytes = host_.limits().message_bytes;
    limits.message = host_.limits().message_ms;
    limits.idle = pickle_silence;
    for (;;) {
        const auto body = co_await read_prefixed(session, limits);
        if (!body) co_return body.error().message();
        pickle::refusal why;
        const auto value = pickle::parse(*body, &why);
        if (!value) co_return fmt::format("refused its pickle at byte {}: {}", why.offset, why.text);
        if (std::holds_alternative<pickle::none>(*value)) continue;  // how the tutorials say that a file has ended
        const auto* const array = std::get_if<pickle::array>(&*value);
        if (array == nullptr) co_return std::string("it sends something else than pictures");
        auto frame = pickle::to_video_frame(*array);
        if (!frame) co_return fmt::format("its picture has {} channels, not 1 or 3", array->shape[2]);
        count_received_.add();
        count_bytes_.add(body->size());
        note_picture(useful);
        co_await frames_.send(std::move(*frame));
    }
}

awaitable<std::string> tcp_client::view_framed(std::shared_ptr<stream> shared, bool& useful) {
    auto& session = *shared;
    framed::hello hello;
    hello.stream = chosen_.stream;
    std::string refusal;
    const auto answer = co_await open_framed(session, std::move(hello), refusal, host_.limits().handshake_ms);
    if (!answer) co_return refusal.empty() ? answer.error().message() : refusal;
    if (answer->type == framed::message_type::video_frame && !frames_.linked()) co_return missing_link("frames");
    if (answer->type == framed::message_type::encoded_image && !images_.linked()) co_return missing_link("images");
    peer_clock_ = {};
    peer_boot_ = answer->source.boot;
    host_.spawn(ping(shared));
    receive_limits limits;
    limits.idle = framed_silence;
    limits.message_bytes = host_.limits().message_bytes;
    limits.message = host_.limits().message_ms;
    for (;;) {
        const auto message = co_await read_framed(session, limits);
        if (!message) co_return message.error().message();
        auto problem = co_await take(*message, useful);
        if (!problem.empty()) co_return problem;
    }
}

awaitable<std::string> tcp_client::take(const framed::message& message, bool& useful) {
    const auto received_ns = host_.clock().steady_ns();
    auto content = framed::decode_payload(message);
    if (!content) {
        // A type of a later version is none of ours; broken bytes are the end.
        const bool unknown = content.error() == errc::unsupported;
        co_return unknown ? std::string() : content.error().message();
    }
    if (const auto* pong = std::get_if<framed::pong>(&*content)) {
        peer_clock_.add(*pong, received_ns);
        co_return std::string();
    }
    if (const auto* end = std::get_if<framed::end_of_stream>(&*content)) {
        co_return end->text.empty() ? std::string("the stream has ended") : end->text;
    }
    if (const auto* failure = std::get_if<framed::failure>(&*content)) co_return failure->text;
    auto header = from_framed_header(message.head);
    note_local_time(header, received_ns);
    auto* const frame = std::get_if<video_frame>(&*content);
    auto* const image = std::get_if<encoded_image>(&*content);
    if (frame != nullptr && !frames_.linked()) co_return missing_link("frames");
    if (image != nullptr && !images_.linked()) co_return missing_link("images");
    if (frame == nullptr && image == nullptr) co_return std::string();
    count_received_.add();
    count_bytes_.add(message.payload.size());
    note_age(header, received_ns);
    note_picture(useful);
    if (frame != nullptr) {
        co_await frames_.forward(std::move(*frame), header);
    } else {
        co_await images_.forward(std::move(*image), header);
    }
    co_return std::string();
}

void tcp_client::note_picture(bool& useful) {
    if (std::exchange(useful, true)) return;
    host_.log().info("receiving video from {}", chosen_.connect);
    host_.set_condition({});
}

void tcp_client::note_local_time(message_header& header, std::int64_t now_ns) const {
    if (header.origin.boot == host_.origin().boot) {
        header.local_ns = header.steady_ns;
    } else if (header.origin.boot == peer_boot_) {  // of a third machine, behind a relay, nothing is known
        const auto offset = peer_clock_.at(now_ns);
        if (!offset) return;
        header.local_ns = header.steady_ns - offset->offset_ns;
        header.uncertainty_ns = offset->uncertainty_ns;
    }
}

void tcp_client::note_age(const message_header& header, std::int64_t now_ns) {
    const auto age_ns = header.age_ns(now_ns);
    if (!age_ns) return;
    ages_.add(*age_ns);
    age_p50_us_.set(static_cast<std::uint64_t>(ages_.percentile(0.50) / 1000));
    age_p99_us_.set(static_cast<std::uint64_t>(ages_.percentile(0.99) / 1000));
}

awaitable<void> tcp_client::ping(std::weak_ptr<stream> weak) {
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

}  // namespace streamhost::video
