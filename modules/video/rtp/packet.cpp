#include "rtp/packet.hpp"

#include "rtp/big_endian.hpp"

namespace streamhost::video::rtp {
namespace {

constexpr unsigned version = 2;

unsigned bits(std::byte from) { return std::to_integer<unsigned>(from); }

}  // namespace

result<packet> read_packet(std::span<const std::byte> datagram) noexcept {
    if (datagram.size() < packet_header_bytes) return errc::truncated;
    const auto first = bits(datagram[0]);
    if (first >> 6 != version) return errc::unsupported;
    packet found;
    found.header.marker = (bits(datagram[1]) & 0x80) != 0;
    found.header.payload_type = static_cast<std::uint8_t>(bits(datagram[1]) & 0x7F);
    found.header.sequence = load_big<std::uint16_t>(&datagram[sequence_offset]);
    found.header.timestamp = load_big<std::uint32_t>(&datagram[4]);
    found.header.ssrc = load_big<std::uint32_t>(&datagram[8]);

    auto rest = datagram.subspan(packet_header_bytes);
    const std::size_t contributors = 4 * (first & 0x0F);
    if (rest.size() < contributors) return errc::truncated;
    rest = rest.subspan(contributors);
    if ((first & 0x10) != 0) {
        if (rest.size() < 4) return errc::truncated;
        const std::size_t size = 4 * std::size_t{load_big<std::uint16_t>(&rest[2])};
        if (rest.size() - 4 < size) return errc::truncated;
        found.extension_profile = load_big<std::uint16_t>(&rest[0]);
        found.extension = rest.subspan(4, size);
        rest = rest.subspan(4 + size);
    }
    if ((first & 0x20) != 0) {
        // The last byte of the padding counts all of it.
        if (rest.empty() || bits(rest.back()) == 0 || bits(rest.back()) > rest.size()) return errc::truncated;
        rest = rest.first(rest.size() - bits(rest.back()));
    }
    found.payload = rest;
    return found;
}

bool is_control(std::span<const std::byte> datagram) noexcept {
    return datagram.size() >= 2 && bits(datagram[0]) >> 6 == version && bits(datagram[1]) >= 192 && bits(datagram[1]) <= 223;
}

void write_packet_header(std::byte* to, const packet_header& header, bool with_extension) noexcept {
    to[0] = static_cast<std::byte>(version << 6 | (with_extension ? 0x10U : 0U));
    to[1] = static_cast<std::byte>((header.marker ? 0x80U : 0U) | header.payload_type);
    store_big(to + sequence_offset, header.sequence);
    store_big(to + 4, header.timestamp);
    store_big(to + 8, header.ssrc);
}

}  // namespace streamhost::video::rtp
