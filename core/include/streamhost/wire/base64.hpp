#pragma once

#include <streamhost/bytes.hpp>
#include <streamhost/result.hpp>

#include <cstddef>
#include <span>

/// Base64 with the standard alphabet and padding, in one line (RFC 4648, section 4). Pure functions: any thread. Throw
/// `std::bad_alloc` only.
namespace streamhost::base64 {

constexpr std::size_t encoded_size(std::size_t bytes) noexcept { return (bytes + 2) / 3 * 4; }

STREAMHOST_API shared_bytes encode(std::span<const std::byte> bytes);

/// Takes exactly what `encode` makes: `malformed` where the padding is missing, a newline or a space stands anywhere, or
/// bits that stand for nothing are set.
STREAMHOST_API result<shared_bytes> decode(std::span<const std::byte> text);

}  // namespace streamhost::base64
