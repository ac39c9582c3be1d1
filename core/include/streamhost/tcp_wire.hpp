#pragma once

#include <streamhost/fan_out.hpp>
#include <streamhost/message.hpp>
#include <streamhost/wire/framed.hpp>
#include <streamhost/wire/pickle.hpp>

#include <cstdint>

/// Messages as the bytes of the TCP wires (docs/wire.md), and back. Pure functions, callable from any thread.
namespace streamhost {

enum class tcp_wire : std::uint8_t {
    framed,  ///< streamhost's own: with format, origin, sequence and times
    pickle,  ///< the Python tutorials': the value and nothing else
};

/// A pickle behind its length.
STREAMHOST_API wire_message to_pickle_message(const pickle::pieces& content);

/// A payload behind its length and the whole header. `content` keeps the limits of framed.hpp.
STREAMHOST_API wire_message to_framed_message(const message_header& header, const framed::payload& content);

/// A pickle as it came, behind its length. The bytes are the caller's own buffer.
STREAMHOST_API wire_message forward_pickle(const shared_bytes& received);

/// A message as it came, with one hop more. The payload is the caller's own buffer. Requires `hops <= max_hops`.
STREAMHOST_API wire_message forward_framed(const framed::message& received);

STREAMHOST_API framed::header to_framed_header(const message_header& header) noexcept;
/// With this host as one more hop; the local time is not known from it.
STREAMHOST_API message_header from_framed_header(const framed::header& head) noexcept;

}  // namespace streamhost
