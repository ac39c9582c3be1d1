#pragma once

#include "rtp/packet.hpp"

#include <streamhost/message.hpp>

#include <optional>

namespace streamhost::video::rtp {

/// What streamhost says of a picture beside what RTP and RFC 2435 do, in a header extension of its first packet (RFC 8285,
/// elements 1 to 4).
struct stamps {
    message_header header;  ///< without `local_ns`
    int width = 0;          ///< of the picture in pixels; the payload's header counts in units of 8
    int height = 0;
};

/// Bytes of the extension, its own header included.
inline constexpr std::size_t stamps_bytes = 64;

/// Writes `stamps_bytes`, in the form of one-byte headers. Requires sides from 1 to 65535 and hops of at most 255.
void write_stamps(std::byte* to, const stamps& of) noexcept;

/// Nothing where the extension is none of ours: it has to hold all four elements. Takes both forms of RFC 8285.
std::optional<stamps> read_stamps(const packet& in) noexcept;

}  // namespace streamhost::video::rtp
