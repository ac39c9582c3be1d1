#pragma once

#include <streamhost/bytes.hpp>
#include <streamhost/media.hpp>
#include <streamhost/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

/// The `pickle` wire: what Python's `pickle.dumps` makes of None, bool, int, float, str, bytes and `uint8` arrays of
/// numpy. Never an unpickler: a small grammar of opcodes and six callables that are matched by name and never called.
/// The first opcode outside the grammar ends the reading. Format: docs/wire.md and CPython's Lib/pickletools.py.
/// Pure functions, callable from any thread.
namespace streamhost::pickle {

inline constexpr int max_opcodes = 128;  ///< numpy's arrays take 70 at most
inline constexpr int max_memo = 32;      ///< memo entries
inline constexpr int max_depth = 4;      ///< nested marks
inline constexpr int max_stack = 16;     ///< values on the stack
inline constexpr int max_side = 4096;    ///< elements along one dimension of an array

struct none {
    friend bool operator==(none, none) = default;
};

/// A numpy array of `uint8`. `elements` holds `shape[0] * shape[1] * shape[2]` bytes: row by row, or, in Fortran order,
/// with the first index running fastest.
struct array {
    std::array<int, 3> shape{1, 1, 1};  ///< height, width, channels; 1 where there is no such dimension
    int dimensions = 0;                 ///< 2 or 3
    bool fortran_order = false;
    shared_bytes elements;
};

/// A `std::string` here is valid UTF-8: a surrogate, which Python lets pass, has become U+FFFD.
using value = std::variant<none, bool, std::int64_t, double, std::string, shared_bytes, array>;

/// Why a payload was not taken, for the log.
struct refusal {
    error_code reason;
    std::size_t offset = 0;  ///< of the opcode, counted from the start of the payload
    std::string text;        ///< printable ASCII, a line without its end
};

/// Reads one pickle of protocol 0 to 5 that fills `payload` exactly. Bytes and arrays of protocols 3 to 5 are slices
/// of `payload`; protocols 0 to 2 store them as text, and those are copied. Costs time and memory proportional to the
/// size of `payload`.
/// Errors: `unsupported` for whatever is outside the grammar, `malformed` for broken bytes, `too_large` beyond a limit.
STREAMHOST_API result<value> parse(const shared_bytes& payload, refusal* why = nullptr);

/// The array as a picture: height x width x 3 is `bgr8`, height x width and height x width x 1 are `gray8`. Copies only
/// in Fortran order. Errors: `unsupported` for another number of channels.
STREAMHOST_API result<video_frame> to_video_frame(const array& source);

/// A written pickle in the order of its bytes, for a gather write; `body` is the caller's own buffer, not a copy.
struct pieces {
    shared_bytes prefix;
    shared_bytes body;
    shared_bytes suffix;

    std::size_t size() const noexcept { return prefix.size() + body.size() + suffix.size(); }
};

/// The writers make the very bytes of CPython with numpy 1 and protocol 4, its default from 3.8 to 3.13.
STREAMHOST_API pieces write_none();
/// `text` is valid UTF-8 and shorter than 4 GiB.
STREAMHOST_API pieces write_str(std::string text);
/// `content` is shorter than 4 GiB.
STREAMHOST_API pieces write_bytes(shared_bytes content);
/// A C-ordered array of height x width x 3 (`bgr8`) or height x width (`gray8`). `frame` is consistent: its pixels are
/// as many as its sides say, 1 byte at least and less than 4 GiB.
STREAMHOST_API pieces write_array(const video_frame& frame);

}  // namespace streamhost::pickle
