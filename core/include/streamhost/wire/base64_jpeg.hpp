#pragma once

#include <streamhost/bytes.hpp>
#include <streamhost/result.hpp>

#include <cstddef>
#include <span>
#include <string_view>

/// The wire `base64-jpeg`: a picture is a UDP datagram, and a viewer asks for pictures by a datagram. What the Python
/// tutorials speak, with the few words that streamhost adds and they take no notice of. See docs/wire.md. Pure functions:
/// any thread.
namespace streamhost::base64_jpeg {

/// Bytes that a UDP datagram over IPv4 carries at most.
inline constexpr std::size_t largest_datagram = 65'507;

/// Bytes of the largest JPEG that becomes such a datagram.
inline constexpr std::size_t largest_jpeg = largest_datagram / 4 * 3;

/// A picture as a datagram. Error: `too_large` above `largest_jpeg`.
STREAMHOST_API result<shared_bytes> encode(std::span<const std::byte> jpeg);

/// What a datagram carries. Errors: `malformed` where it is no Base64 (see `base64::decode`) or what comes out does not
/// begin as a JPEG does. What else the JPEG says is not looked at.
STREAMHOST_API result<shared_bytes> decode(std::span<const std::byte> datagram);

/// What a datagram to a server means.
enum class request {
    hello,    ///< whatever a viewer of the tutorials says: pictures, until something shows that it has gone
    view,     ///< pictures for a while, to be asked for again; streamhost's own viewers
    bye,      ///< no more of them; streamhost's own viewers
    nothing,  ///< no viewer speaks so: a picture, a refusal
};

/// The longest datagram that is a request. A longer one is somebody's picture: were it a request, two servers could be
/// made to send to each other.
inline constexpr std::size_t longest_request = 64;

STREAMHOST_API request read_request(std::span<const std::byte> datagram) noexcept;

/// What streamhost's own viewers send; the bytes live for ever.
STREAMHOST_API std::span<const std::byte> view_request() noexcept;
STREAMHOST_API std::span<const std::byte> bye_request() noexcept;

/// A server's answer to `view` from an address that it does not know to be true.
STREAMHOST_API std::span<const std::byte> refusal() noexcept;
STREAMHOST_API bool is_refusal(std::span<const std::byte> datagram) noexcept;

}  // namespace streamhost::base64_jpeg
