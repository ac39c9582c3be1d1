#include "rtp/subscription.hpp"

#include <algorithm>
#include <string_view>

namespace streamhost::video::rtp {
namespace {

constexpr std::string_view beginning = "streamhost-rtp/1";
constexpr std::size_t word_offset = 16;
constexpr std::size_t cookie_offset = 32;

}  // namespace

std::array<std::byte, note_bytes> write_note(const note& what) noexcept {
    std::array<std::byte, note_bytes> datagram{};
    std::ranges::copy(std::as_bytes(std::span(beginning)), datagram.begin());
    datagram[word_offset] = static_cast<std::byte>(what.says);
    std::ranges::copy(what.cookie, datagram.begin() + cookie_offset);
    return datagram;
}

std::optional<note> read_note(std::span<const std::byte> datagram) noexcept {
    if (datagram.size() != note_bytes) return std::nullopt;
    if (!std::ranges::equal(datagram.first(beginning.size()), std::as_bytes(std::span(beginning)))) return std::nullopt;
    const auto says = std::to_integer<std::uint8_t>(datagram[word_offset]);
    if (says < static_cast<std::uint8_t>(word::view) || says > static_cast<std::uint8_t>(word::refused)) return std::nullopt;
    note read{static_cast<word>(says)};
    std::ranges::copy(datagram.subspan(cookie_offset), read.cookie.begin());
    return read;
}

}  // namespace streamhost::video::rtp
