#pragma once

#include <streamhost/result.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

/// Pictures in RTP packets: RFC 3550, with JPEG payload as in RFC 2435. Pure functions and plain classes, without sockets
/// and clocks. See docs/wire.md.
namespace streamhost::video::rtp {

/// JPEG's number among the static payload types (RFC 3551, table 5), and the rate of its timestamps.
inline constexpr std::uint8_t jpeg_payload_type = 26;
inline constexpr int clock_rate = 90'000;  ///< Hz

/// The bytes of one UDP datagram are at most these, so that no usual path has to cut it.
inline constexpr std::size_t largest_packet = 1200;

struct packet_header {
    bool marker = false;  ///< the last packet of a picture
    std::uint8_t payload_type = jpeg_payload_type;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;
};
inline constexpr std::size_t packet_header_bytes = 12;
inline constexpr std::size_t sequence_offset = 2;

/// A packet taken apart; the spans lie in the datagram.
struct packet {
    packet_header header;
    std::uint16_t extension_profile = 0;  ///< what the extension's first field says, where there is one
    std::span<const std::byte> extension;
    std::span<const std::byte> payload;
};

/// Errors: `unsupported` (another version), `truncated` (a length leads beyond the datagram).
result<packet> read_packet(std::span<const std::byte> datagram) noexcept;

/// A report about a stream (RTCP), which may come to the same port (RFC 5761, section 4).
bool is_control(std::span<const std::byte> datagram) noexcept;

/// Writes `packet_header_bytes`.
void write_packet_header(std::byte* to, const packet_header& header, bool with_extension) noexcept;

}  // namespace streamhost::video::rtp
