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
            .one_of({{"base64-jpeg", udp_wire::base64_jpeg}})
        .setting("max", &udp_server_settings::max,
                 "viewers at once; for one more, the one that has asked for longest ago has to go")
            .range(1, 1024)
        .input<encoded_image>("images", "JPEG pictures; one of more than 49128 bytes is sent smaller")
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
      packer_(host),
      silence_(host.timers()),
      count_viewers_(host.metric("viewers", "viewers now")),
      count_sent_(host.metric("viewer_messages_sent", "pictures sent, to each viewer once")),
      count_bytes_(host.metric("viewer_bytes_sent", "bytes of those")),
      count_dropped_(host.metric("viewer_messages_dropped", "pictures that the kernel had no room for")),
      count_unproven_(host.metric("requests_unproven", "requests from addresses that could be anybody's")) {}

datagram_viewers::options udp_server::viewer_options() {
    datagram_viewers::options options;
    options.most = static_cast<std::size_t>(chosen_.max);
    options.in_chat = [this](const std::string& host) { return chat_.holds(host); };
    options.joined = [this](const datagram_viewers::viewer& who) {
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
            answer(*came, base64_jpeg::read_request(room.first(came->size)));
        }
        note_viewers();
    }
}

void udp_server::answer(const arrival& came, base64_jpeg::request asked) {
    const auto outcome = viewers_.hear(came.peer, asked, came.allowed, host_.clock().now());
    if (outcome != datagram_viewers::outcome::unproven) return;
    count_unproven_.add();
    // Only for those that know the word: a viewer of the tutorials dies of what is no picture. Shorter than three times
    // what came, so nobody gains by writing another's address on it.
    if (asked == base64_jpeg::request::view) (void)socket_.send(base64_jpeg::refusal(), came.peer);
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

awaitable<void> udp_server::send_to_all() {
    if (datagram_.empty()) datagram_ = co_await packer_.pack(picture_);
    if (datagram_.empty()) {
        viewers_.owe_none();
        co_return;
    }
    const auto deadline = host_.clock().now() + longest_wait_for_room;
    while (const auto* const next = viewers_.next_owed()) {
        const auto sent = socket_.send(datagram_.span(), next->address);
        const auto left = deadline - host_.clock().now();
        if (!sent && sent.error() == asio::error::would_block) {
            if (left <= duration::zero()) break;
            co_await socket_.wait_for_room(left);
            continue;
        }
        viewers_.pay();
        if (!sent) continue;
        count_sent_.add();
        count_bytes_.add(datagram_.size());
    }
    count_dropped_.add(viewers_.owe_none());
}

awaitable<void> udp_server::send_pictures() {
    while (!ended_) {
        if (picture_.data.empty()) viewers_.owe_none();
        if (viewers_.next_owed() == nullptr) {
            paid_.set();
            co_await owing_.wait();
        } else {
            co_await send_to_all();
        }
    }
}

awaitable<void> udp_server::run() {
    host_.log().info("serving video at {}", socket_.local().to_string());
    host_.spawn(take_requests());
    host_.spawn(send_pictures());
    if (peers_.linked()) host_.spawn(follow_peers());
    watch_silence();
    for (;;) {
        const auto image = co_await images_.next();
        if (!image) break;
        picture_ = *image;
        datagram_ = {};
        viewers_.owe_all();
        owing_.set();
        while (viewers_.next_owed() != nullptr) co_await paid_.wait();
    }
    ended_ = true;
    owing_.set();
    silence_.stop();
    socket_.close();
}

}  // namespace streamhost::video
