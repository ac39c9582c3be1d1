#include "wire/pickle_text.hpp"

#include <streamhost/wire/utf8.hpp>

#include <charconv>

namespace streamhost::pickle {
namespace {

/// One code point of raw-unicode-escape: a Latin-1 byte, \uXXXX or \UXXXXXXXX. Python writes the backslash itself as
/// \u005c, so a backslash before anything else is malformed (size 0).
utf8::decoded decode_escaped(std::string_view source) noexcept {
    if (source[0] != '\\') return {static_cast<unsigned char>(source[0]), 1};
    if (source.size() < 2 || (source[1] != 'u' && source[1] != 'U')) return {};
    const std::size_t digits = source[1] == 'u' ? 4 : 8;
    if (source.size() < 2 + digits) return {};
    std::uint32_t code_point = 0;
    const char* end = source.data() + 2 + digits;
    const auto [stopped, error] = std::from_chars(source.data() + 2, end, code_point, 16);
    if (error != std::errc() || stopped != end || code_point > 0x10FFFF) return {};
    return {code_point, 2 + digits};
}

template <class Sink>
bool for_each_code_point(std::string_view source, bool escaped, Sink sink) {
    while (!source.empty()) {
        const auto next = escaped ? decode_escaped(source) : utf8::decode(source);
        if (next.size == 0 || !sink(next.code_point)) return false;
        source.remove_prefix(next.size);
    }
    return true;
}

}  // namespace

result<std::string> decode_text(std::string_view source, bool escaped) {
    if (!escaped && utf8::is_valid(source)) return std::string(source);
    std::string text;
    text.reserve(source.size());
    const bool good = for_each_code_point(source, escaped, [&](char32_t code_point) {
        utf8::append(text, code_point);
        return true;
    });
    if (!good) return errc::malformed;
    return text;
}

result<std::string> decode_latin1(std::string_view source, bool escaped) {
    std::string bytes;
    bytes.reserve(source.size());
    const bool good = for_each_code_point(source, escaped, [&](char32_t code_point) {
        bytes += static_cast<char>(code_point & 0xFF);
        return code_point <= 0xFF;
    });
    if (!good) return errc::malformed;
    return bytes;
}

}  // namespace streamhost::pickle
