#include <streamhost/framed_peer.hpp>

#include <streamhost/tcp_wire.hpp>

#include <variant>

namespace streamhost {

void framed_peer::begin(std::optional<std::array<std::byte, 16>> boot) {
    clock_ = {};
    boot_ = boot;
}

std::optional<std::string> framed_peer::take(const framed::message& message,
                                             const std::function<void(wire_message)>& reply) {
    using enum framed::message_type;
    const auto type = message.head.type;
    if (type != framed::message_type::ping && type != pong && type != end_of_stream && type != failure) {
        return std::nullopt;
    }
    const auto received_ns = host_.clock().steady_ns();
    const auto content = framed::decode_payload(message);
    if (!content) return content.error().message();
    if (const auto* const asked = std::get_if<framed::ping>(&*content)) {
        framed::pong answer;
        answer.ping_sent_ns = asked->sent_ns;
        answer.ping_received_ns = received_ns;
        answer.sent_ns = host_.clock().steady_ns();
        message_header header;
        header.origin = host_.origin();
        reply(to_framed_message(header, answer));
    } else if (const auto* const answer = std::get_if<framed::pong>(&*content)) {
        if (!boot_) boot_ = message.head.source.boot;
        clock_.add(*answer, received_ns);
    } else if (const auto* const broken = std::get_if<framed::failure>(&*content)) {
        return broken->text.empty() ? "the stream has failed" : broken->text;
    } else if (const auto* const end = std::get_if<framed::end_of_stream>(&*content)) {
        return end->text.empty() ? "the stream has ended" : end->text;
    }
    return std::string();
}

wire_message framed_peer::ping() const {
    framed::ping ping;
    ping.sent_ns = host_.clock().steady_ns();
    message_header header;
    header.origin = host_.origin();
    return to_framed_message(header, ping);
}

void framed_peer::note_local_time(message_header& header, std::int64_t now_ns) const {
    if (header.origin.boot == host_.origin().boot) {
        header.local_ns = header.steady_ns;
    } else if (header.origin.boot == boot_) {  // of a third machine, behind a relay, nothing is known
        const auto offset = clock_.at(now_ns);
        if (!offset) return;
        // Without signs: what the peer claims as its time may be anything.
        header.local_ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(header.steady_ns) -
                                                    static_cast<std::uint64_t>(offset->offset_ns));
        header.uncertainty_ns = offset->uncertainty_ns;
    }
}

arrivals::arrivals(module_context& host)
    : count_received_(host.metric("messages_received", "messages that came")),
      count_bytes_(host.metric("bytes_received", "bytes of messages that came")),
      age_p50_us_(host.metric("age_p50_us", "age of messages at arrival: median; 0 where the clocks cannot tell")),
      age_p99_us_(host.metric("age_p99_us", "age of messages at arrival: 99th percentile")) {}

void arrivals::note(std::size_t size) {
    count_received_.add();
    count_bytes_.add(size);
}

void arrivals::note(std::size_t size, const message_header& header, std::int64_t now_ns) {
    note(size);
    const auto age_ns = header.age_ns(now_ns);
    if (!age_ns) return;  // unknown is shown as unknown
    ages_.add(*age_ns);
    age_p50_us_.set(static_cast<std::uint64_t>(ages_.percentile(0.50) / 1000));
    age_p99_us_.set(static_cast<std::uint64_t>(ages_.percentile(0.99) / 1000));
}

}  // namespace streamhost
