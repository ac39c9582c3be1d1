#include "udp_client.hpp"

namespace streamhost::video {
namespace {

constexpr auto period_while_none_come = std::chrono::milliseconds(500);
constexpr auto period_while_they_come = std::chrono::seconds(2);

/// A server that may be up and have nothing to send is left alone for so long before another address of its name is
/// tried; what was said longer ago holds no more.
constexpr auto look_period = std::chrono::seconds(5);
constexpr auto look_period_where_lost = std::chrono::seconds(1);

constexpr auto pause_between_answers = std::chrono::milliseconds(200);

}  // namespace

module_info udp_client::describe() {
    return streamhost::describe<udp_client, udp_client_settings>(
               "video.udp_client", "Views the video of a UDP server, and asks for it again whenever it stops")
        .setting("connect", &udp_client_settings::connect, "address of the server").address(address_role::peer)
        .setting("wire", &udp_client_settings::wire, "the bytes of a datagram: see docs/wire.md")
            .one_of({{"base64-jpeg", udp_wire::base64_jpeg}, {"rtp", udp_wire::rtp}})
        .output<encoded_image>("images", "JPEG pictures").spontaneous();
}

udp_client::udp_client(module_context& host, udp_client_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      words_(make_request_writer(chosen_.wire)),
      reader_(make_picture_reader(host, chosen_.wire)),
      pictures_(host),
      server_(host, chosen_.connect,
              [this](std::shared_ptr<datagram_socket> from) { return receive(std::move(from)); }),
      noted_at_(host.clock().now()),
      asked_again_at_(noted_at_ - pause_between_answers) {}

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
            problem = co_await server_.look_for_peer(words_->bye());
        }
        const bool answer_due = asked || !problem.empty();
        if (!coming && answer_due && !host_.draining()) {
            host_.set_condition(fmt::format("no video from {}: {}", chosen_.connect, problem.empty() ? why_none() : problem));
        }
        if (server_.get() != nullptr) (void)server_.get()->send(words_->view());
        asked = true;
        const duration pause = coming ? duration(period_while_they_come) : duration(period_while_none_come);
        const bool go_on = co_await host_.sleep_for(pause);
        if (!go_on) break;
    }
    if (server_.get() != nullptr) (void)server_.get()->send(words_->bye());
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
            co_await take(*came, room.first(came->size));
        }
    }
}

awaitable<void> udp_client::take(const arrival& came, std::span<const std::byte> datagram) {
    const auto answer = words_->read(datagram);
    if (answer == request_writer::answer::refused) note(state::refused_by_server);
    if (answer == request_writer::answer::ask_again) ask_again();
    if (answer != request_writer::answer::none) co_return;
    auto read = reader_->read(datagram, came.peer);
    if (!read.good) co_return;
    if (!pictures_come()) {
        host_.log().info("receiving video from {}", chosen_.connect);
        host_.set_condition({});
    }
    note(state::viewing);
    if (read.whole) co_await pictures_.send(std::move(*read.whole));
}

/// Not more often than now and then: a server that never takes what it has given itself would be asked for ever.
void udp_client::ask_again() {
    const auto now = host_.clock().now();
    if (server_.get() == nullptr || now - asked_again_at_ < pause_between_answers) return;
    asked_again_at_ = now;
    (void)server_.get()->send(words_->view());
}

}  // namespace streamhost::video
