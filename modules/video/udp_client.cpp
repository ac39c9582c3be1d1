#include "udp_client.hpp"

#include "datagram_picture.hpp"

#include <streamhost/wire/base64_jpeg.hpp>

namespace streamhost::video {
namespace {

constexpr auto period_while_none_come = std::chrono::milliseconds(500);
constexpr auto period_while_they_come = std::chrono::seconds(2);

/// A server that may be up and have nothing to send is left alone for so long before another address of its name is
/// tried; what was said longer ago holds no more.
constexpr auto look_period = std::chrono::seconds(5);
constexpr auto look_period_where_lost = std::chrono::seconds(1);

}  // namespace

module_info udp_client::describe() {
    return streamhost::describe<udp_client, udp_client_settings>(
               "video.udp_client", "Views the video of a UDP server, and asks for it again whenever it stops")
        .setting("connect", &udp_client_settings::connect, "address of the server").address(address_role::peer)
        .setting("wire", &udp_client_settings::wire, "the bytes of a datagram: see docs/wire.md")
            .one_of({{"base64-jpeg", udp_wire::base64_jpeg}})
        .output<encoded_image>("images", "JPEG pictures").spontaneous();
}

udp_client::udp_client(module_context& host, udp_client_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      images_(host.output<encoded_image>("images")),
      server_(host, chosen_.connect,
              [this](std::shared_ptr<datagram_socket> from) { return receive(std::move(from)); }),
      noted_at_(host.clock().now()),
      count_received_(host.metric("messages_received", "pictures that came")),
      count_bytes_(host.metric("bytes_received", "bytes of pictures that came")),
      count_bad_(host.metric("datagrams_bad", "datagrams that were no picture, and dropped")) {}

void udp_client::note(state now) {
    state_ = now;
    noted_at_ = host_.clock().now();
}

bool udp_client::pictures_come() const {
    return state_ == state::viewing && host_.clock().now() - noted_at_ < picture_silence;
}

bool udp_client::is_refused() const {
    return state_ == state::refused_by_host && host_.clock().now() - noted_at_ < look_period;
}

std::string udp_client::why_none() const {
    if (state_ != state::viewing && host_.clock().now() - noted_at_ >= look_period) return "no answer";
    switch (state_) {
        case state::refused_by_host: return "nobody receives there (connection refused)";
        case state::refused_by_server:
            return "the server does not know us: it wants a chat session from this machine, or its `allow` to name it";
        case state::silent: return "no answer yet";
        case state::viewing: break;
    }
    return "nothing comes any more";
}

awaitable<void> udp_client::run() {
    auto looked = host_.clock().now() - look_period;
    bool asked = false;
    for (;;) {
        const bool coming = pictures_come();
        const bool lost = server_.get() == nullptr || is_refused();
        const duration period = lost ? look_period_where_lost : look_period;
        std::string problem;
        if (!coming && host_.clock().now() - looked >= period) {
            looked = host_.clock().now();
            problem = co_await server_.look_for_peer(base64_jpeg::bye_request());
        }
        const bool answer_due = asked || !problem.empty();
        if (!coming && answer_due && !host_.draining()) {
            host_.set_condition(fmt::format("no video from {}: {}", chosen_.connect, problem.empty() ? why_none() : problem));
        }
        if (server_.get() != nullptr) (void)server_.get()->send(base64_jpeg::view_request());
        asked = true;
        const duration pause = coming ? duration(period_while_they_come) : duration(period_while_none_come);
        const bool go_on = co_await host_.sleep_for(pause);
        if (!go_on) break;
    }
    if (server_.get() != nullptr) (void)server_.get()->send(base64_jpeg::bye_request());
}

awaitable<void> udp_client::receive(std::shared_ptr<datagram_socket> from) {
    datagram_room room;
    for (;;) {
        const auto came = co_await from->receive(room.span());
        if (!came) {
            if (came.error() == errc::draining) break;
            host_.log().warn("receives no more from {}: {}", chosen_.connect, came.error().message());
            if (server_.get() == from.get()) server_.drop();
            break;
        }
        if (came->refused) {
            note(state::refused_by_host);
        } else {
            co_await take(room.first(came->size));
        }
    }
}

awaitable<void> udp_client::take(std::span<const std::byte> datagram) {
    if (base64_jpeg::is_refusal(datagram)) {
        note(state::refused_by_server);
        co_return;
    }
    auto picture = picture_in(datagram);
    if (!picture) {
        count_bad_.add();
        host_.log().warn("a datagram of {} bytes is no picture: {}", datagram.size(), picture.error().message());
        co_return;
    }
    if (!pictures_come()) {
        host_.log().info("receiving video from {}", chosen_.connect);
        host_.set_condition({});
    }
    note(state::viewing);
    count_received_.add();
    count_bytes_.add(picture->data.size());
    co_await images_.send(std::move(*picture));
}

}  // namespace streamhost::video
