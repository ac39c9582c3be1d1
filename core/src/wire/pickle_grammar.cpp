#include "wire/pickle_grammar.hpp"

#include "wire/pickle_text.hpp"

#include <algorithm>

namespace streamhost::pickle::grammar {
namespace {

struct spelling {
    std::string_view module;
    std::string_view name;
    callable target;
};

// numpy 2 renamed `core`; `__builtin__` is how protocols 0 to 2 spell `builtins`.
constexpr spelling spellings[] = {
    {"numpy.core.multiarray", "_reconstruct", callable::reconstruct},
    {"numpy._core.multiarray", "_reconstruct", callable::reconstruct},
    {"numpy", "ndarray", callable::ndarray},
    {"numpy", "dtype", callable::dtype},
    {"_codecs", "encode", callable::encode},
    {"__builtin__", "bytes", callable::bytes},
    {"builtins", "bytes", callable::bytes},
    {"numpy.core.numeric", "_frombuffer", callable::frombuffer},
    {"numpy._core.numeric", "_frombuffer", callable::frombuffer},
};

item of(kind what) {
    item made;
    made.what = what;
    return made;
}

bool is(const item& member, kind what) noexcept { return member.what == what; }
bool is(const item& member, callable target) noexcept { return is(member, kind::callable) && member.target == target; }
bool is(const item& member, std::string_view word) noexcept { return is(member, kind::string) && member.text == word; }
bool is(const item& member, std::int64_t number) noexcept {
    return is(member, kind::integer) && member.integer == number;
}

/// Older versions of numpy write their dtype's flags as 0 and 1.
bool is_flag(const item& member, bool set) noexcept {
    return (is(member, kind::boolean) || is(member, kind::integer)) && member.integer == (set ? 1 : 0);
}

result<item> make_shape(std::span<const item> members) {
    auto made = of(kind::shape);
    made.picture.dimensions = static_cast<int>(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (!is(members[i], kind::integer)) return errc::unsupported;
        if (members[i].integer < 1) return errc::malformed;
        if (members[i].integer > max_side) return errc::too_large;
        made.picture.shape[i] = static_cast<int>(members[i].integer);
    }
    return made;
}

result<item> fill(kind what, const item& shape, bool fortran_order, const shared_bytes& elements) {
    const auto& sides = shape.picture.shape;
    const auto size = static_cast<std::uint64_t>(sides[0]) * sides[1] * sides[2];
    if (elements.size() != size) return errc::malformed;
    auto made = of(what);
    made.picture = shape.picture;
    made.picture.fortran_order = fortran_order;
    made.picture.elements = elements;
    return made;
}

result<item> close_pair(std::span<const item> m) {
    if (!is(m[0], kind::string)) return make_shape(m);
    if (!is(m[1], "latin1")) return errc::unsupported;
    auto made = of(kind::codec_arguments);
    made.text = m[0].text;
    made.escaped = m[0].escaped;
    return made;
}

result<item> close_triple(std::span<const item> m) {
    if (is(m[0], kind::integer)) return make_shape(m);
    if (is(m[0], "u1") && is_flag(m[1], false) && is_flag(m[2], true)) return of(kind::dtype_arguments);
    if (is(m[0], callable::ndarray) && is(m[1], kind::base_shape) && is(m[2], kind::bytes)
        && m[2].content.as_text() == "b")
        return of(kind::reconstruct_arguments);
    return errc::unsupported;
}

result<item> close_buffer_arguments(std::span<const item> m) {
    const bool fits = (is(m[0], kind::bytes) || is(m[0], kind::byte_array)) && is(m[1], kind::dtype)
                      && is(m[2], kind::shape) && (is(m[3], "C") || is(m[3], "F"));
    if (!fits) return errc::unsupported;
    return fill(kind::buffer_arguments, m[2], m[3].text == "F", m[0].content);
}

result<item> close_array_state(std::span<const item> m) {
    const bool fits = is(m[0], 1) && is(m[1], kind::shape) && is(m[2], kind::dtype)
                      && (is_flag(m[3], false) || is_flag(m[3], true)) && is(m[4], kind::bytes);
    if (!fits) return errc::unsupported;
    return fill(kind::array_state, m[1], m[3].integer != 0, m[4].content);
}

result<item> close_dtype_state(std::span<const item> m) {
    const bool fits = is(m[0], 3) && is(m[1], "|") && is(m[2], kind::none) && is(m[3], kind::none)
                      && is(m[4], kind::none) && is(m[5], -1) && is(m[6], -1) && is(m[7], 0);
    if (!fits) return errc::unsupported;
    return of(kind::dtype_state);
}

}  // namespace

std::optional<callable> find_callable(std::string_view module, std::string_view name) noexcept {
    const auto* found = std::ranges::find_if(
        spellings, [&](const spelling& s) { return s.module == module && s.name == name; });
    if (found == std::end(spellings)) return std::nullopt;
    return found->target;
}

bool is_literal(const item& candidate) noexcept {
    switch (candidate.what) {
        case kind::callable: return true;
        case kind::string: return candidate.text.size() <= max_literal;
        case kind::bytes: return candidate.content.size() <= max_literal;
        default: return false;
    }
}

result<item> close_tuple(std::span<const item> members) {
    switch (members.size()) {
        case 0: return of(kind::no_arguments);
        case 1:
            if (!is(members[0], 0)) return errc::unsupported;
            return of(kind::base_shape);
        case 2: return close_pair(members);
        case 3: return close_triple(members);
        case 4: return close_buffer_arguments(members);
        case 5: return close_array_state(members);
        case 8: return close_dtype_state(members);
        default: return errc::unsupported;
    }
}

result<item> reduce(const item& target, const item& arguments) {
    if (is(target, callable::encode) && is(arguments, kind::codec_arguments)) {
        auto decoded = decode_latin1(arguments.text, arguments.escaped);
        if (!decoded) return decoded.error();
        auto made = of(kind::bytes);
        made.content = shared_bytes::adopt(std::move(*decoded));
        return made;
    }
    if (is(target, callable::bytes) && is(arguments, kind::no_arguments)) return of(kind::bytes);
    if (is(target, callable::dtype) && is(arguments, kind::dtype_arguments)) return of(kind::blank_dtype);
    if (is(target, callable::reconstruct) && is(arguments, kind::reconstruct_arguments)) return of(kind::blank_array);
    if (is(target, callable::frombuffer) && is(arguments, kind::buffer_arguments)) {
        auto made = arguments;
        made.what = kind::array;
        return made;
    }
    return errc::unsupported;
}

result<item> build(const item& target, const item& state) {
    if (is(target, kind::blank_dtype) && is(state, kind::dtype_state)) return of(kind::dtype);
    if (is(target, kind::blank_array) && is(state, kind::array_state)) {
        auto made = state;
        made.what = kind::array;
        return made;
    }
    return errc::unsupported;
}

result<value> finish(const item& last) {
    switch (last.what) {
        case kind::none: return value(none{});
        case kind::boolean: return value(last.integer != 0);
        case kind::integer: return value(last.integer);
        case kind::real: return value(last.real);
        case kind::bytes: return value(last.content);
        case kind::array: return value(last.picture);
        case kind::string: {
            auto text = decode_text(last.text, last.escaped);
            if (!text) return text.error();
            return value(std::move(*text));
        }
        default: return errc::unsupported;
    }
}

}  // namespace streamhost::pickle::grammar
