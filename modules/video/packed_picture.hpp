#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace streamhost::video {

/// A picture as the datagrams of a wire, which lie behind each other: each of `datagram` bytes but the last, which may be
/// shorter. Made once, sent to every viewer.
struct packed_picture {
    std::vector<std::byte> bytes;
    std::size_t datagram = 0;

    bool empty() const noexcept { return bytes.empty(); }
    std::size_t datagrams(std::size_t of_bytes) const noexcept { return (of_bytes + datagram - 1) / datagram; }
    std::span<std::byte> burst(std::size_t from, std::size_t datagrams) noexcept {
        return std::span(bytes).subspan(from, std::min(datagrams * datagram, bytes.size() - from));
    }
};

}  // namespace streamhost::video
