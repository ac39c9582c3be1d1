#pragma once

#include <streamhost/message.hpp>
#include <streamhost/wire/framed.hpp>

#include <cstdint>
#include <string>
#include <string_view>

/// How the message types of ports and those of the wire `framed` become each other. Pure functions, callable from any
/// thread.
namespace streamhost {

/// A type that every host has ("video_frame", "record", ...) by its name; null for any other name.
STREAMHOST_API const message_type* standard_type(std::string_view name) noexcept;

/// The wire's number for a type: `user` for one that brings its own encoding, `any` for one that stays inside of a host.
STREAMHOST_API framed::message_type framed_type(const message_type& type) noexcept;

/// "record", "acme.scan version 2", "type 12"
STREAMHOST_API std::string describe_framed_type(framed::message_type type, std::string_view user_type,
                                                std::uint32_t user_version);

/// The payload as the wire carries it; it shares the envelope's. Requires a type that crosses wires.
STREAMHOST_API framed::payload to_framed_payload(const envelope& content);

/// A received payload as a message of `type`, which has to be its type; the header is left to the caller.
/// Errors: `unsupported` where it is of another type or another version of it, and what the type's own `decode` says.
STREAMHOST_API result<envelope> to_envelope(framed::payload received, const message_type& type);

}  // namespace streamhost
