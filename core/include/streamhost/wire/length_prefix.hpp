#pragma once

#include <streamhost/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

/// What precedes every message of the TCP wires `pickle` and `framed`: the number of bytes that follow, as an unsigned
/// 64 bit integer, little endian.
namespace streamhost::length_prefix {

inline constexpr std::size_t size = 8;

STREAMHOST_API std::array<std::byte, size> encode(std::uint64_t length) noexcept;

/// The number of bytes that follow, 1 to `max_length`: a message is refused before anything is allocated for it.
/// Errors: `malformed` for 0, `too_large` above `max_length`.
STREAMHOST_API result<std::size_t> decode(std::span<const std::byte, size> prefix, std::size_t max_length) noexcept;

}  // namespace streamhost::length_prefix
