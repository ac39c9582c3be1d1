#include "udp_sender.hpp"

#include "rtp/session_description.hpp"

#include <boost/asio/error.hpp>

#include <cerrno>
#include <fstream>

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
            .one_of({{"base64-jpeg", udp_wire::base64_jpeg}, {"rtp", udp_wire::rtp}})
        .setting("sdp", &udp_sender_settings::sdp,
                 "a file to write that tells ffplay, VLC and others how to receive what is sent; empty: none")
            .exclusive("file")
        .setting("spread", &udp_sender_settings::spread, spread_help).range(0, 90).unit("%")
        .input<encoded_image>("images", "JPEG pictures; one that the wire cannot carry is encoded again, smaller if need be");
}

udp_sender::udp_sender(module_context& host, udp_sender_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      images_(host.input<encoded_image>("images")),
      receiver_(host, chosen_.connect,
                [this](std::shared_ptr<datagram_socket> from) { return receive(std::move(from)); }),
      packer_(make_picture_packer(host, chosen_.wire)),
      pacing_(chosen_.spread),
      refused_at_(host.clock().now() - look_period),
      looked_at_(refused_at_),
      count_sent_(host.metric("messages_sent", "pictures sent")),
      count_bytes_(host.metric("bytes_sent", "bytes of those")),
      count_dropped_(host.metric("messages_dropped", "pictures that nobody was there for, or the kernel had no room")) {}

void udp_sender::check(const udp_sender_settings& chosen) {
    if (!chosen.sdp.empty() && chosen.wire != udp_wire::rtp)
        throw configuration_error("`sdp` describes a session of the wire `rtp`: set `wire` to it, or leave out `sdp`");
}

awaitable<void> udp_sender::prepare() {
    if (chosen_.sdp.empty()) co_return;
    const auto peer = co_await host_.network().dial_datagrams(chosen_.connect);
    if (peer) co_await describe_session(peer->remote());
}

awaitable<void> udp_sender::describe_session(net_address receiver) {
    if (chosen_.sdp.empty() || receiver == described_) co_return;
    const auto text = rtp::describe_session(host_.name(), receiver, host_.random()() >> 33);
    const auto write = [&] {
        std::ofstream file(chosen_.sdp, std::ios::binary | std::ios::trunc);
        file << text << std::flush;
        return file ? error_code() : error_code(errno, boost::system::system_category());
    };
    const auto problem = co_await host_.blocking(write);
    if (problem) throw configuration_error(fmt::format("cannot write {}: {}", chosen_.sdp, problem.message()));
    described_ = std::move(receiver);
}

awaitable<void> udp_sender::run() {
    for (;;) {
        const auto image = co_await images_.next();
        if (!image) break;
        const bool useful = co_await has_receiver();
        if (!useful) {
            count_dropped_.add();
            continue;
        }
        auto packed = co_await packer_->pack(image);
        if (!packed.empty()) co_await send(std::move(packed));
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
        if (receiver_.get() != nullptr) co_await describe_session(receiver_.get()->remote());
    }
    co_return receiver_.get() != nullptr && host_.clock().now() - refused_at_ >= pause_after_refusal;
}

awaitable<void> udp_sender::send(packed_picture picture) {
    auto next = host_.clock().now();
    pacing_.note(next);
    const auto pause = pacing_.pause(picture.datagrams(picture.bytes.size()));
    for (std::size_t done = 0; done < picture.bytes.size();) {
        const auto burst = picture.burst(done, pacing::burst);
        const bool sent = co_await send_burst(burst, picture.datagram);
        if (!sent) {
            count_dropped_.add();
            co_return;
        }
        done += burst.size();
        next += pause;
        const auto left = next - host_.clock().now();
        if (done < picture.bytes.size() && left > duration::zero()) (void)co_await host_.sleep_for(left);
    }
    count_sent_.add();
    count_bytes_.add(picture.bytes.size());
    if (host_.clock().now() - refused_at_ >= look_period) host_.set_condition({});
}

/// False where the rest of the picture is of no use any more.
awaitable<bool> udp_sender::send_burst(std::span<std::byte> burst, std::size_t datagram) {
    const auto deadline = host_.clock().now() + longest_wait_for_room;
    for (;;) {
        auto* const socket = receiver_.get();
        if (socket == nullptr) co_return false;
        packer_->number(burst, datagrams_);
        const auto sent = socket->send_many(burst, datagram, socket->remote());
        if (sent) {
            datagrams_ += (*sent + datagram - 1) / datagram;
            burst = burst.subspan(*sent);
            if (burst.empty()) co_return true;
        }
        const auto left = deadline - host_.clock().now();
        const bool full = sent || sent.error() == asio::error::would_block;
        if (!full || left <= duration::zero()) co_return false;
        co_await socket->wait_for_room(left);
    }
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
