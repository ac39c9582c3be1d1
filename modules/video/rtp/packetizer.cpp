#include "rtp/packetizer.hpp"

#include "rtp/big_endian.hpp"
#include "rtp/payload_header.hpp"

#include <streamhost/assert.hpp>

#include <algorithm>
#include <cstring>

namespace streamhost::video::rtp {
namespace {

constexpr int pixels_per_unit = 8;

/// A leap of the source's clock, or a long silence: the next picture follows at once.
constexpr std::int64_t longest_gap_ns = 10LL * 1'000'000'000;

std::uint8_t units(int pixels) { return static_cast<std::uint8_t>((pixels + pixels_per_unit - 1) / pixels_per_unit); }

std::size_t packets_needed(std::size_t in_first, std::size_t in_others, std::size_t data) {
    if (data <= in_first) return 1;
    return 1 + (data - in_first + in_others - 1) / in_others;
}

}  // namespace

std::vector<std::byte> packetize(const carried_picture& picture, const message_header& header, std::uint32_t timestamp,
                                 std::uint32_t ssrc) {
    STREAMHOST_ASSERT(picture.width >= 1 && picture.width <= largest_side && picture.height >= 1 &&
                      picture.height <= largest_side && picture.scan.size() <= longest_scan);
    std::array<std::byte, 128> tables;
    std::ranges::copy(picture.tables.luma, tables.begin());
    std::ranges::copy(picture.tables.chroma, tables.begin() + 64);
    payload_header payload;
    payload.sampling = picture.sampling;
    payload.columns = units(picture.width);
    payload.rows = units(picture.height);
    payload.restart_interval = picture.restart_interval;
    payload.tables = tables;
    const auto first_head = packet_header_bytes + stamps_bytes + payload_header_bytes(payload);
    payload.offset = 1;
    const auto other_head = packet_header_bytes + payload_header_bytes(payload);

    const auto count = packets_needed(largest_packet - first_head, largest_packet - other_head, picture.scan.size());
    std::vector<std::byte> packets(first_head + (count - 1) * other_head + picture.scan.size());
    auto* at = packets.data();
    std::size_t done = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const bool is_first = i == 0;
        const auto head = is_first ? first_head : other_head;
        const auto size = std::min(largest_packet - head, picture.scan.size() - done);
        write_packet_header(at, {.marker = i + 1 == count, .timestamp = timestamp, .ssrc = ssrc}, is_first);
        if (is_first) write_stamps(at + packet_header_bytes, {header, picture.width, picture.height});
        payload.offset = static_cast<std::uint32_t>(done);
        write_payload_header(at + packet_header_bytes + (is_first ? stamps_bytes : 0), payload);
        std::ranges::copy(picture.scan.subspan(done, size), at + head);
        at += head + size;
        done += size;
    }
    return packets;
}

void number_packets(std::span<std::byte> packets, std::uint16_t first) noexcept {
    for (std::size_t at = 0; at < packets.size(); at += largest_packet) store_big(&packets[at + sequence_offset], first++);
}

std::uint32_t timestamp_clock::of(std::int64_t steady_ns) noexcept {
    const auto since = [&](std::int64_t earlier) {
        // Without signs: what a peer claims as its time may be anything.
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(steady_ns) - static_cast<std::uint64_t>(earlier));
    };
    const bool goes_on = begun_ && since(last_ns_) > 0 && since(last_ns_) <= longest_gap_ns;
    if (!goes_on) {
        if (begun_) base_ = last_ + 1;
        base_ns_ = steady_ns;
    }
    auto time = base_ + static_cast<std::uint32_t>(since(base_ns_) / 100'000 * 9 + since(base_ns_) % 100'000 * 9 / 100'000);
    if (begun_ && static_cast<std::int32_t>(time - last_) <= 0) time = last_ + 1;
    begun_ = true;
    last_ = time;
    last_ns_ = steady_ns;
    return time;
}

}  // namespace streamhost::video::rtp
