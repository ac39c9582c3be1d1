#include "udp_server.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace streamhost::video {
namespace {

constexpr auto silence_period = std::chrono::seconds(1);

}  // namespace

module_info udp_server::describe() {
    return streamhost::describe<udp_server, udp_server_settings>(
               "video.udp_server", "Sends video to everybody who has asked for it by a UDP datagram")
        .setting("listen", &udp_server_settings::listen, "address to serve at").address(address_role::listen)
        .setting("wire", &udp_server_settings::wire, "the bytes of a datagram: see docs/wire.md")
            .one_of({{"base64-jpeg", udp_wire::base64_jpeg}, {"rtp", udp_wire::rtp}})
        .setting("max", &udp_server_settings::max,
                 "viewers at once; for one more, the one that has asked for longest ago has to go")
            .range(1, 1024)
        .setting("spread", &udp_server_settings::spread, spread_help).range(0, 90).unit("%")
        .input<encoded_image>("images", "JPEG pictures; one that the wire cannot carry is encoded again, smaller if need be")
        .input<record>("peers",
                       "who is in the chat, as chat.server tells it; such a host may have the video, and a viewer of the "
                       "tutorials ends with its chat")
            .optional();
}

udp_server::udp_server(module_context& host, udp_server_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      images_(host.input<encoded_image>("images")),
      peers_(host.input<record>("peers")),
      viewers_(viewer_options()),
      requests_(make_request_reader(host, chosen_.wire)),
      packer_(make_picture_packer(host, chosen_.wire)),
      pacing_(chosen_.spread),
      silence_(host.timers()),
      count_viewers_(host.metric("viewers", "viewers now")),
      count_sent_(host.metric("viewer_messages_sent", "pictures sent, to each viewer once")),
      count_bytes_(host.metric("viewer_bytes_sent", "bytes of those")),
      count_dropped_(host.metric("viewer_messages_dropped", "pictures that the kernel had no room for, to each viewer once")),
      count_failed_(host.metric("viewer_messages_failed", "pictures that the kernel knew no way for, to each viewer once")),
      count_unproven_(host.metric("requests_unproven", "requests from addresses that could be anybody's")) {}

datagram_viewers::options udp_server::viewer_options() {
    datagram_viewers::options options;
    options.most = static_cast<std::size_t>(chosen_.max);
    options.in_chat = [this](const std::string& host) { return chat_.holds(host); };
    options.joined = [this](datagram_viewers::viewer& who) {
        who.record = host_.viewer_records().add(who.address.to_string(), usual_queue(queue_policy::latest));
        host_.log().info("{} views", who.address.to_string());
    };
    options.left = [this](const datagram_viewers::viewer& who, std::string_view why) {
        host_.log().info("{} views no more: {}", who.address.to_string(), why);
    };
    options.unproven = [this](const datagram_viewers::viewer& who) {
        host_.log().warn("{} asks for video and gets none: its host is neither in the chat nor in `allow`",
                         who.address.to_string());
    };
    return options;
}

awaitable<void> udp_server::prepare() {
    // With a chat to ask, everybody may knock; without one, `allow` decides alone.
    const auto from = peers_.linked() ? datagram_peers::everybody : datagram_peers::allowed;
    socket_ = co_await host_.network().bind(chosen_.listen, from);
}

awaitable<void> udp_server::take_requests() {
    datagram_room room;
    for (;;) {
        const auto came = co_await socket_.receive(room.span());
        if (!came) {
            if (came.error() != errc::draining) throw boost::system::system_error(came.error(), "receiving requests");
            break;
        }
        if (came->refused) {
            viewers_.refused(came->peer);
        } else {
            answer(*came, room.first(came->size));
        }
        note_viewers();
    }
}

void udp_server::answer(const arrival& came, std::span<const std::byte> datagram) {
    const auto heard = requests_->read(datagram, came.peer);
    if (heard.reply) (void)socket_.send(*heard.reply, came.peer);
    const auto outcome = viewers_.hear(came.peer, heard.asks, came.allowed, host_.clock().now());
    if (outcome != datagram_viewers::outcome::unproven) return;
    count_unproven_.add();
    // Only for those that know the word: a viewer of the tutorials dies of what is no picture. Shorter than three times
    // what came, so nobody gains by writing another's address on it.
    if (heard.asks == base64_jpeg::request::view) (void)socket_.send(requests_->refusal(), came.peer);
}

awaitable<void> udp_server::follow_peers() {
    for (;;) {
        const auto news = co_await peers_.next();
        if (!news) break;
        const auto changed = chat_.note(*news, news.header());
        if (!changed.understood) host_.log().warn("`peers` takes {{\"address\": \"HOST:PORT\", \"joined\": true}}");
        for (const auto& host : changed.left) viewers_.chat_ended(host);
        for (const auto& host : changed.came) viewers_.chat_began(host, host_.clock().now());
        note_viewers();
    }
}

void udp_server::watch_silence() {
    silence_.start_after(silence_period, [this] {
        viewers_.expire(host_.clock().now());
        note_viewers();
        watch_silence();
    });
}

void udp_server::note_viewers() {
    count_viewers_.set(viewers_.count());
    owing_.set();
}

awaitable<void> udp_server::pack() {
    const auto picture = picture_;
    pacing_.note(host_.clock().now());
    auto packed = co_await packer_->pack(picture);
    if (picture_.get() != picture.get()) co_return;  // whoever it was for has gone
    packed_ = std::move(packed);
    if (packed_.empty()) viewers_.drop();
}

awaitable<void> udp_server::send_to_all() {
    auto next = host_.clock().now();
    if (packed_.empty()) co_await pack();
    // Another picture may take the place of this one at each wait where nobody has begun it; then `packed_` is empty.
    while (!packed_.empty() && viewers_.begin_round(fresh_ || !newer_waits_)) {
        next += pacing_.pause(packed_.datagrams(packed_.bytes.size()));
        co_await send_round();
        if (!packed_.empty()) fresh_ = false;
        const auto left = next - host_.clock().now();
        if (is_to_send() && left > duration::zero()) (void)co_await host_.sleep_for(left);
    }
}

/// The next burst to each that is due one. Where there is no room for that, the rest of the picture is of no use.
awaitable<void> udp_server::send_round() {
    const auto deadline = host_.clock().now() + longest_wait_for_room;
    while (const auto* const next = viewers_.next_due()) {
        const auto problem = send_burst(*next);
        if (!problem) continue;
        const auto left = deadline - host_.clock().now();
        if (left <= duration::zero()) {
            count_dropped_.add(viewers_.drop());
            break;
        }
        co_await socket_.wait_for_room(left);
    }
}

/// `would_block` where the kernel has room for nothing more now.
error_code udp_server::send_burst(const datagram_viewers::viewer& to) {
    const auto burst = packed_.burst(to.taken, pacing::burst);
    packer_->number(burst, to.datagrams);
    const auto sent = socket_.send_many(burst, packed_.datagram, to.address);
    if (!sent && sent.error() == asio::error::would_block) return sent.error();
    if (!sent) {
        viewers_.give_up();
        count_failed_.add();
        return {};
    }
    const bool all = to.taken + *sent == packed_.bytes.size();
    viewers_.pay(*sent, packed_.datagrams(*sent), all);
    if (all) {
        count_sent_.add();
        count_bytes_.add(packed_.bytes.size());
    }
    return {};
}

bool udp_server::is_to_send() const {
    return viewers_.any_owed() && (fresh_ || !newer_waits_ || viewers_.any_begun());
}

awaitable<void> udp_server::send_pictures() {
    while (!ended_) {
        if (!picture_) viewers_.excuse();
        if (is_to_send()) {
            co_await send_to_all();
        } else {
            paid_.set();
            co_await owing_.wait();
        }
    }
}

/// As soon as everybody who has begun the picture before has got the rest of it.
awaitable<void> udp_server::show(message<encoded_image> next) {
    newer_waits_ = true;
    while ((fresh_ && viewers_.any_owed()) || viewers_.any_begun()) co_await paid_.wait();
    newer_waits_ = false;
    picture_ = std::move(next);
    packed_ = {};
    fresh_ = true;
    viewers_.owe_all(picture_.arrived_ns());
    owing_.set();
}

awaitable<void> udp_server::run() {
    host_.log().info("serving video at {}", socket_.local().to_string());
    host_.spawn(take_requests());
    host_.spawn(send_pictures());
    if (peers_.linked()) host_.spawn(follow_peers());
    watch_silence();
    for (;;) {
        auto image = co_await images_.next();
        if (!image) break;
        co_await show(std::move(image));
    }
    while (viewers_.any_owed()) co_await paid_.wait();
    ended_ = true;
    owing_.set();
    silence_.stop();
    socket_.close();
}

}  // namespace streamhost::video
