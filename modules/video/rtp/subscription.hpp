#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

/// The words by which a viewer asks a streamhost for RTP, and the server's. Every one is a datagram of the same size, so no
/// answer is longer than what it answers, and none looks like RTP. See docs/wire.md.
namespace streamhost::video::rtp {

/// What a server gives to an address, and wants to hear from it again.
using cookie = std::array<std::byte, 32>;

enum class word : std::uint8_t {
    view = 1,     ///< pictures for a while, to be asked for again
    bye = 2,      ///< no more of them
    cookie = 3,   ///< the server's answer to a word without the cookie that belongs to its address: here it is
    refused = 4,  ///< the server's answer to an address that is none of those that may view
};

struct note {
    word says;
    rtp::cookie cookie{};
};

inline constexpr std::size_t note_bytes = 64;

std::array<std::byte, note_bytes> write_note(const note& what) noexcept;

/// Nothing where the datagram is no note of this version.
std::optional<note> read_note(std::span<const std::byte> datagram) noexcept;

}  // namespace streamhost::video::rtp
