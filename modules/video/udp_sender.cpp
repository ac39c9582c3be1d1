#include "udp_sender.hpp"

#include <boost/asio/error.hpp>

namespace streamhost::video {
namespace {

/// After a refusal nothing is sent for so long.
constexpr auto pause_after_refusal = std::chrono::milliseconds(500);

/// Between two looks for the address of a peer that is not there.
constexpr auto look_period = std::chrono::seconds(5);

}  // namespace

module_info udp_sender::describe() {
    return streamhost::describe<udp_sender, udp_sender_settings>("video.udp_sender",
                                                                 "Sends video to one address by UDP")
        .setting("connect", &udp_sender_settings::connect, "address to send to").address(address_role::peer)
        .setting("wire", &udp_sender_settings::wire, "the bytes of a datagram: see docs/wire.md")
            .one_of({{"base64-jpeg", udp_wire::base64_jpeg}})
        .input<encoded_image>("images", "JPEG pictures; one of more than 49128 bytes is sent smaller");
}

udp_sender::udp_sender(module_context& host, udp_sender_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      images_(host.input<encoded_image>("images")),
      receiver_(host, chosen_.connect,
                [this](std::shared_ptr<datagram_socket> from) { return receive(std::move(from)); }),
      packer_(host),
      refused_at_(host.clock().now() - look_period),
      looked_at_(refused_at_),
      count_sent_(host.metric("messages_sent", "pictures sent")),
      count_bytes_(host.metric("bytes_sent", "bytes of those")),
      count_dropped_(host.metric("messages_dropped", "pictures that nobody was there for, or the kernel had no room")) {}

awaitable<void> udp_sender::run() {
    for (;;) {
        const auto image = co_await images_.next();
        if (!image) break;
        const bool useful = co_await has_receiver();
        if (!useful) {
            count_dropped_.add();
            continue;
        }
        auto datagram = co_await packer_.pack(*image);
        if (!datagram.empty()) co_await send(std::move(datagram));
    }
    if (receiver_.get() != nullptr) receiver_.get()->close();
}

awaitable<bool> udp_sender::has_receiver() {
    const auto now = host_.clock().now();
    const bool refused = now - refused_at_ < look_period;
    if ((receiver_.get() == nullptr || refused) && now - looked_at_ >= look_period) {
        looked_at_ = now;
        const auto problem = co_await receiver_.look_for_peer({});
        if (!problem.empty()) host_.set_condition(fmt::format("no way to {}: {}", chosen_.connect, problem));
    }
    co_return receiver_.get() != nullptr && host_.clock().now() - refused_at_ >= pause_after_refusal;
}

awaitable<void> udp_sender::send(shared_bytes datagram) {
    const auto deadline = host_.clock().now() + longest_wait_for_room;
    for (;;) {
        auto* const socket = receiver_.get();
        if (socket == nullptr) break;
        const auto sent = socket->send(datagram.span());
        if (sent) {
            count_sent_.add();
            count_bytes_.add(datagram.size());
            if (host_.clock().now() - refused_at_ >= look_period) host_.set_condition({});
            co_return;
        }
        const auto left = deadline - host_.clock().now();
        if (sent.error() != asio::error::would_block || left <= duration::zero()) break;
        co_await socket->wait_for_room(left);
    }
    count_dropped_.add();
}

awaitable<void> udp_sender::receive(std::shared_ptr<datagram_socket> from) {
    // Nothing is expected to come but refusals.
    std::byte nothing[1];
    for (;;) {
        const auto came = co_await from->receive(nothing);
        if (!came) {
            if (came.error() != errc::draining && receiver_.get() == from.get()) receiver_.drop();
            break;
        }
        if (!came->refused) continue;
        refused_at_ = host_.clock().now();
        host_.set_condition(fmt::format("nobody receives at {} (connection refused)", chosen_.connect));
    }
}

}  // namespace streamhost::video
