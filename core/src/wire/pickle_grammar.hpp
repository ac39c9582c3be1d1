#pragma once

#include <streamhost/wire/pickle.hpp>

#include <optional>
#include <span>
#include <string_view>

/// What may stand on the stack of a pickle, and what its tuples, calls and states may mean. There are no containers: a
/// tuple is matched when it is closed against the nine that the grammar knows, and only its meaning is kept.
namespace streamhost::pickle::grammar {

enum class kind : std::uint8_t {
    // values
    none, boolean, integer, real, string, bytes, array,
    // parts
    byte_array,              // bytearray(b'...')
    callable,                // one of `callable`
    blank_array,             // _reconstruct(ndarray, (0,), b'b')
    blank_dtype,             // dtype('u1', False, True)
    dtype,                   // ... with its state
    // tuples
    no_arguments,            // ()
    base_shape,              // (0,)
    shape,                   // (height, width) or (height, width, channels)
    codec_arguments,         // (str, 'latin1')
    reconstruct_arguments,   // (ndarray, (0,), b'b')
    dtype_arguments,         // ('u1', False, True)
    dtype_state,             // (3, '|', None, None, None, -1, -1, 0)
    array_state,             // (1, shape, dtype, is Fortran, bytes)
    buffer_arguments,        // (buffer, dtype, shape, 'C' or 'F')
    // memo
    forgotten,               // an entry that is not a literal: counted, never fetched
};

/// The only callables that a pickle may name. They are matched, never called.
enum class callable : std::uint8_t { reconstruct, ndarray, dtype, encode, bytes, frombuffer };

std::optional<callable> find_callable(std::string_view module, std::string_view name) noexcept;

/// One entry of the stack: `what` says which of the other members mean something.
struct item {
    kind what = kind::none;
    bool escaped = false;          // string: protocol 0's raw-unicode-escape instead of UTF-8
    callable target{};             // callable
    std::int64_t integer = 0;      // integer, boolean
    double real = 0;               // real
    std::string_view text;         // string and codec_arguments: undecoded, inside the payload
    shared_bytes content;          // bytes, byte_array
    pickle::array picture;         // shape, array_state, buffer_arguments, array
};

/// Strings, bytes and callables may come back from the memo, up to this size: Python shares equal short ones.
inline constexpr std::size_t max_literal = 32;
bool is_literal(const item& candidate) noexcept;

/// Each says what the construct stands for. Errors: `unsupported` where the grammar has no such construct, `malformed`
/// and `too_large` where its numbers are wrong.
result<item> close_tuple(std::span<const item> members);
result<item> reduce(const item& target, const item& arguments);
result<item> build(const item& target, const item& state);
/// What remains at the end of the pickle.
result<value> finish(const item& last);

}  // namespace streamhost::pickle::grammar
