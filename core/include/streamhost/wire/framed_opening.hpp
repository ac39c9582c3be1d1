#pragma once

#include <streamhost/wire/framed.hpp>

#include <span>
#include <vector>

/// How a `framed` session opens: the dialler sends a hello, the server sends an answer. Both begin with the same eight
/// bytes in every version, so that each side can name the other's version. Format: docs/wire.md.
namespace streamhost::framed {

inline constexpr std::size_t opening_start_size = 8;
inline constexpr std::size_t max_opening_size = 1024;  ///< bytes of a hello or an answer
inline constexpr std::size_t max_token = 512;          ///< bytes
inline constexpr std::size_t max_refusal = 512;        ///< bytes of an answer's text

/// The flag of hello and answer: a session of many streams. It is one where both sides have set it.
inline constexpr std::uint32_t many_streams = 1;

/// The first eight bytes of a hello or an answer.
struct opening_start {
    version speaks;
    std::size_t size = 0;  ///< of the whole, these bytes included: read `size - opening_start_size` more
};

/// Errors: `malformed` where this is no hello (no answer), `too_large`. Any version passes: a server that finds another
/// major one need not read on, and answers with `describe_mismatch`.
STREAMHOST_API result<opening_start> decode_hello_start(std::span<const std::byte, opening_start_size> bytes) noexcept;
STREAMHOST_API result<opening_start> decode_answer_start(std::span<const std::byte, opening_start_size> bytes) noexcept;

struct hello {
    version speaks;
    std::uint32_t flags = 0;      ///< `many_streams`; unknown ones are ignored
    std::string stream;           ///< see `is_name`; empty for the only stream of the port
    std::vector<std::byte> token; ///< who the dialler is; empty where nothing asks for it
};

struct answer {
    version speaks;
    std::uint32_t flags = 0;  ///< as the hello's
    bool accepted = false;
    std::string refusal;      ///< valid UTF-8, why not; where accepted, empty
    std::string stream;       ///< its name; where not accepted, this and all below mean nothing
    message_type type = message_type::any;
    std::string user_type;            ///< name of the type `user`, else empty
    std::uint32_t user_version = 0;   ///< version of the type `user`
    origin source;                    ///< who serves
    std::int64_t wall_ns = 0;         ///< the server's clock, since 1970-01-01 UTC
};

/// The whole opening. `content` keeps the limits; of a refusal too long, the end is cut.
STREAMHOST_API std::vector<std::byte> encode(const hello& content);
STREAMHOST_API std::vector<std::byte> encode(const answer& content);

/// Reads a whole opening, the start included.
/// Errors: `malformed`, `too_large`, `unsupported` for another major version.
STREAMHOST_API result<hello> decode_hello(std::span<const std::byte> bytes);
STREAMHOST_API result<answer> decode_answer(std::span<const std::byte> bytes);

}  // namespace streamhost::framed
