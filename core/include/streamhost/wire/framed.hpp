#pragma once

#include <streamhost/bytes.hpp>
#include <streamhost/media.hpp>
#include <streamhost/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

/// The `framed` wire: streamhost's own messages over a stream of bytes. Each is a length prefix (length_prefix.hpp), a
/// header of fixed layout and a payload. Format: docs/wire.md. Pure functions, callable from any thread.
namespace streamhost::framed {

struct version {
    std::uint8_t major = 1;  ///< another one is refused
    std::uint8_t minor = 0;  ///< another one is understood: what it adds is skipped
    friend bool operator==(version, version) = default;
};
inline constexpr version own_version{};

/// "the peer speaks framed 2.1, this program speaks framed 1.0"
STREAMHOST_API std::string describe_mismatch(version peer);

inline constexpr std::size_t header_size = 80;
inline constexpr std::size_t channel_header_size = 88;  ///< of a message that says its channel
inline constexpr int max_hops = 4;               ///< relays between the source and the reader
inline constexpr int max_side = 4096;            ///< pixels, of a `video_frame`
inline constexpr int max_image_side = 65535;     ///< pixels, of an `encoded_image`: what JPEG can express
inline constexpr int max_rate = 768'000;         ///< audio frames per second
inline constexpr int max_channels = 64;          ///< audio samples per frame
inline constexpr std::size_t max_name = 64;      ///< bytes of a stream's or a user type's name
inline constexpr int max_record_depth = 32;      ///< nested arrays and objects of a `record`
inline constexpr std::uint32_t max_streams = 64; ///< that one side of a session of many streams may announce

/// What a message holds. The numbers are the wire's.
enum class message_type : std::uint16_t {
    any = 0,  ///< in a session's answer only: each message says its own type
    video_frame = 1,
    encoded_image = 2,
    audio_block = 3,
    text = 4,
    record = 5,
    bytes = 6,
    user = 7,  ///< a type that a module brought, by name
    ping = 32,
    pong = 33,
    end_of_stream = 34,
    failure = 35,
    announce = 36,
};

/// Whether messages of this type, known or of a later minor version, are content, which relays pass on. The others are
/// the session's own.
constexpr bool is_content(message_type type) noexcept {
    return type != message_type::any && static_cast<std::uint16_t>(type) < static_cast<std::uint16_t>(message_type::ping);
}

/// Who made a message: the boot of a machine and the instance of a module.
struct origin {
    std::array<std::byte, 16> boot{};
    std::uint32_t instance = 0;
    friend bool operator==(const origin&, const origin&) = default;
};

/// What precedes each payload. Stamps are nanoseconds: `steady` since an unknown moment that is the same throughout one
/// boot, `wall` since 1970-01-01 UTC.
struct header {
    version speaks;
    message_type type = message_type::bytes;  ///< may be a number of a later minor version
    std::uint32_t flags = 0;                  ///< none defined; unknown ones are kept and ignored
    int hops = 0;                             ///< relays passed
    origin source;
    std::uint32_t epoch = 0;     ///< rises when the source restarts
    std::uint64_t sequence = 0;  ///< rises by one with each message of an epoch
    std::int64_t steady_ns = 0;
    std::int64_t wall_ns = 0;
    std::array<std::byte, 16> format{};  ///< depends on the type
    std::uint32_t channel = 0;   ///< which of the session's streams, 1 to `max_streams`; 0 in a session of one
};

/// A value of a type that a module brought. `data` is whatever the type's own encoding makes.
struct user_value {
    std::string name;  ///< see `is_name`
    std::uint32_t version = 0;
    shared_bytes data;
};

/// Asks the peer for its clock. All stamps of ping and pong are steady ones, in nanoseconds.
struct ping {
    std::int64_t sent_ns = 0;
    friend bool operator==(ping, ping) = default;
};
struct pong {
    std::int64_t ping_sent_ns = 0;      ///< the ping's own stamp, returned
    std::int64_t ping_received_ns = 0;  ///< by the answering side's clock, as the next
    std::int64_t sent_ns = 0;
    friend bool operator==(pong, pong) = default;
};

/// The last message of a session, and why: valid UTF-8, possibly empty.
struct end_of_stream {
    std::string text;
};
struct failure {
    std::string text;
};

/// What the channel that the header names carries, in a session of many streams: before its first message, and once.
struct announce {
    std::string name;       ///< of the stream, see `is_name`
    message_type type = message_type::bytes;
    std::string user_type;  ///< name of the type `user`, else empty
    std::uint32_t user_version = 0;
};

using payload = std::variant<video_frame, encoded_image, audio_block, text, record, bytes, user_value, ping, pong,
                             end_of_stream, failure, announce>;

/// A received message before its payload is looked at; a relay goes no further.
struct message {
    header head;
    shared_bytes payload;
};

/// A written message in the order of its bytes, for a gather write; `body` is the caller's own buffer, not a copy.
struct pieces {
    shared_bytes prefix;  ///< length and header included
    shared_bytes body;

    std::size_t size() const noexcept { return prefix.size() + body.size(); }
};

/// A name of a stream or a user type: 1 to 64 of A-Z a-z 0-9 . _ -
STREAMHOST_API bool is_name(std::string_view candidate) noexcept;

/// Writes `content` with its type and format; those of `head` are ignored. `content` keeps the limits above and the
/// contracts of media.hpp.
STREAMHOST_API pieces encode(const header& head, const payload& content);

/// Writes a payload as it was received: what a relay does, after adding one to `hops`.
STREAMHOST_API pieces forward(const header& head, const shared_bytes& received);

/// The same message with the channel in its header, for a session of many streams. Requires one written without.
STREAMHOST_API pieces with_channel(const pieces& written, std::uint32_t channel);

/// Reads what the length prefix counted. The payload is a slice of `body`.
/// Errors: `malformed`; `unsupported` for another major version; `circling` above `max_hops`.
STREAMHOST_API result<message> decode(const shared_bytes& body);

/// Reads the payload by its type. Pixels, images, samples and bytes are slices of the payload.
/// Errors: `malformed`; `unsupported` for a type or format that this version does not know; `too_large` beyond a limit.
STREAMHOST_API result<payload> decode_payload(const message& received);

}  // namespace streamhost::framed
