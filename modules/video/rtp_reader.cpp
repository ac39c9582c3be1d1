#include "rtp_reader.hpp"

#include <streamhost/wire/framed.hpp>

namespace streamhost::video {
namespace {

constexpr auto between_losses = std::chrono::seconds(10);

}  // namespace

rtp_reader::rtp_reader(module_context& host)
    : host_(host),
      count_packets_(host.metric("packets_received", "RTP packets that came")),
      count_lost_(host.metric("packets_lost", "RTP packets that never came")),
      count_late_(host.metric("packets_late", "RTP packets that came behind later ones")),
      count_repeated_(host.metric("packets_repeated", "RTP packets that came twice")),
      count_incomplete_(host.metric("pictures_incomplete", "pictures of which some packets came, but not all in time")),
      count_bad_(host.metric("datagrams_bad", "datagrams and pictures that were refused")) {}

void rtp_reader::show_counts() {
    const auto seen = receiver_.seen();
    count_packets_.set(seen.packets);
    count_lost_.set(seen.lost);
    count_late_.set(seen.late);
    count_repeated_.set(seen.repeated);
    count_incomplete_.set(seen.incomplete);
    count_bad_.set(seen.bad);
    if (seen.lost > told_lost_) tell_loss(seen.lost, seen.packets);
}

void rtp_reader::tell_loss(std::uint64_t lost, std::uint64_t came) {
    const auto now = host_.clock().now();
    if (told_at_ && now - *told_at_ < between_losses) return;
    const auto of = lost - told_lost_ + came - told_came_;
    host_.log().warn("{} of {} packets were lost; pictures that miss one are left out", lost - told_lost_, of);
    told_lost_ = lost;
    told_came_ = came;
    told_at_ = now;
}

void rtp_reader::begin() {
    receiver_.finish();
    said_.clear();
    show_counts();
}

/// A picture that goes round among hosts that view each other ends here.
bool rtp_reader::circles(const message_header& header) { return header.hops > framed::max_hops; }

picture_reader::reading rtp_reader::read(std::span<const std::byte> datagram, const net_address& from) {
    auto taken = receiver_.take(datagram);
    show_counts();
    auto problem = taken.problem;
    if (taken.whole && taken.whole->header && circles(*taken.whole->header)) {
        problem = "it has passed too many hosts: they may view each other";
        taken.whole.reset();
    }
    if (!problem.empty() && said_ != problem) {
        said_ = problem;
        host_.log().warn("what comes from {} is refused: {}", from.to_string(), problem);
    }
    reading read{.good = taken.accepted};
    if (!taken.whole) return read;
    auto header = taken.whole->header;
    if (header) {
        ++header->hops;
        if (header->origin.boot == host_.origin().boot) header->local_ns = header->steady_ns;
    }
    read.whole = picture{std::move(taken.whole->image), header};
    return read;
}

}  // namespace streamhost::video
