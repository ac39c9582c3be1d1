#include "udp_receiver.hpp"

#include <boost/system/system_error.hpp>

namespace streamhost::video {

module_info udp_receiver::describe() {
    return streamhost::describe<udp_receiver, udp_receiver_settings>(
               "video.udp_receiver", "Receives the video that one sender at a time sends by UDP")
        .setting("listen", &udp_receiver_settings::listen, "address to receive at").address(address_role::listen)
        .setting("wire", &udp_receiver_settings::wire, "the bytes of a datagram: see docs/wire.md")
            .one_of({{"base64-jpeg", udp_wire::base64_jpeg}, {"rtp", udp_wire::rtp}})
        .output<encoded_image>("images", "JPEG pictures").spontaneous();
}

udp_receiver::udp_receiver(module_context& host, udp_receiver_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      reader_(make_picture_reader(host, chosen_.wire)),
      pictures_(host),
      silence_(host.timers()),
      count_others_(host.metric("datagrams_of_others", "datagrams from others than the present sender, dropped")) {}

awaitable<void> udp_receiver::prepare() { socket_ = co_await host_.network().bind(chosen_.listen); }

awaitable<void> udp_receiver::run() {
    host_.set_condition(fmt::format("no video yet at {}", socket_.local().to_string()));
    datagram_room room;
    for (;;) {
        const auto came = co_await socket_.receive(room.span());
        if (!came) {
            if (came.error() != errc::draining) throw boost::system::system_error(came.error(), "receiving");
            break;
        }
        co_await take(*came, room.first(came->size));
    }
    silence_.stop();
}

awaitable<void> udp_receiver::take(const arrival& came, std::span<const std::byte> datagram) {
    if (!sender_.host.empty() && came.peer != sender_) {
        count_others_.add();
        co_return;
    }
    auto read = reader_->read(datagram, came.peer);
    if (!read.good) co_return;
    if (sender_.host.empty()) {
        host_.log().info("receiving video from {}", came.peer.to_string());
        host_.set_condition({});
        sender_ = came.peer;
    }
    watch_silence();
    if (read.whole) co_await pictures_.send(std::move(*read.whole));
}

void udp_receiver::watch_silence() {
    silence_.start_after(picture_silence, [this] {
        host_.set_condition(fmt::format("no video from {} any more", sender_.to_string()));
        sender_ = {};
        reader_->begin();
    });
}

}  // namespace streamhost::video
