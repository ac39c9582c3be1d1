// Datagrams from anywhere, each behind its length in two bytes: whatever they are, the receiver's pictures are JPEGs whose
// markers are in order, and it keeps no more than it may. Then the bytes as a JPEG: what can be carried arrives with the
// same data, in its true size.
#include "jpeg_header.hpp"
#include "rtp/packetizer.hpp"
#include "rtp/receiver.hpp"
#include "rtp/subscription.hpp"

#include <streamhost/assert.hpp>

#include <algorithm>

namespace sh = streamhost;
namespace rtp = streamhost::video::rtp;

namespace {

void receive(std::span<const std::byte> bytes) {
    rtp::receiver receiver;
    std::uint64_t datagrams = 0;
    std::uint64_t pictures = 0;
    while (bytes.size() >= 2) {
        const std::size_t wanted = std::to_integer<std::size_t>(bytes[0]) << 8 | std::to_integer<std::size_t>(bytes[1]);
        const auto datagram = bytes.subspan(2, std::min(wanted, bytes.size() - 2));
        bytes = bytes.subspan(2 + datagram.size());
        ++datagrams;
        const auto outcome = receiver.take(datagram);
        STREAMHOST_ASSERT(!rtp::read_note(datagram) || !outcome.accepted);
        STREAMHOST_ASSERT(outcome.problem.empty() || !outcome.whole);
        if (!outcome.whole) continue;
        ++pictures;
        const auto& image = outcome.whole->image;
        const auto info = sh::video::scan_jpeg(image.data.span());
        STREAMHOST_ASSERT(info && info->bytes == image.data.size());
        STREAMHOST_ASSERT(info->width == image.width && info->height == image.height);
        STREAMHOST_ASSERT(image.width <= rtp::largest_side && image.height <= rtp::largest_side);
    }
    const auto seen = receiver.seen();
    STREAMHOST_ASSERT(seen.packets + seen.repeated <= datagrams && pictures <= seen.packets);
    STREAMHOST_ASSERT(seen.incomplete + pictures <= seen.packets);
    receiver.finish();
    STREAMHOST_ASSERT(receiver.seen().lost <= std::uint64_t{rtp::sequence_window::longest_loss} * (datagrams + 1));
}

void send(std::span<const std::byte> jpeg) {
    const auto carried = rtp::carry(jpeg);
    const auto* const picture = std::get_if<rtp::carried_picture>(&carried);
    if (picture == nullptr) return;
    auto bytes = rtp::packetize(*picture, {.sequence = 7}, 1, 2);
    rtp::number_packets(bytes, 65'535);
    rtp::receiver receiver;
    rtp::receiver::outcome last;
    for (std::size_t at = 0; at < bytes.size(); at += rtp::largest_packet) {
        last = receiver.take(std::span(bytes).subspan(at, std::min(rtp::largest_packet, bytes.size() - at)));
    }
    STREAMHOST_ASSERT(last.whole && last.whole->header && last.whole->header->sequence == 7);
    STREAMHOST_ASSERT(last.whole->image.width == picture->width && last.whole->image.height == picture->height);
    const auto again = rtp::carry(last.whole->image.data.span());
    const auto* const arrived = std::get_if<rtp::carried_picture>(&again);
    STREAMHOST_ASSERT(arrived != nullptr && std::ranges::equal(arrived->scan, picture->scan));
    STREAMHOST_ASSERT(arrived->sampling == picture->sampling && arrived->restart_interval == picture->restart_interval);
    STREAMHOST_ASSERT(arrived->tables.luma == picture->tables.luma && arrived->tables.chroma == picture->tables.chroma);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    receive(bytes);
    send(bytes);
    return 0;
}
