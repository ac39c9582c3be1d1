#include <streamhost/wire/utf8.hpp>

#include <streamhost/assert.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace streamhost::utf8 {
namespace {

/// How many bytes a sequence with this first byte has; 0 where no sequence starts with it.
std::size_t sequence_size(unsigned char first) noexcept {
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return 2;
    if (first >= 0xE0 && first <= 0xEF) return 3;
    if (first >= 0xF0 && first <= 0xF4) return 4;
    return 0;
}

/// C0, DEL and C1.
bool is_control(char32_t code_point) noexcept { return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0); }

/// Line and paragraph separators, and the marks, embeddings, overrides and isolates of UAX 9.
bool changes_reading(char32_t code_point) noexcept {
    return code_point == 0x061C || code_point == 0x200E || code_point == 0x200F ||
           (code_point >= 0x2028 && code_point <= 0x202E) || (code_point >= 0x2066 && code_point <= 0x2069);
}

}  // namespace

decoded decode(std::string_view bytes) noexcept {
    if (bytes.empty()) return {};
    const auto first = static_cast<unsigned char>(bytes[0]);
    const auto size = sequence_size(first);
    if (size == 1) return {first, 1};
    if (size == 0 || bytes.size() < size) return {};
    char32_t code_point = first & (0x7Fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        const auto next = static_cast<unsigned char>(bytes[i]);
        if ((next & 0xC0u) != 0x80u) return {};
        code_point = code_point << 6 | (next & 0x3Fu);
    }
    const bool overlong = (size == 3 && code_point < 0x800) || (size == 4 && code_point < 0x10000);
    if (overlong || code_point > 0x10FFFF) return {};
    return {code_point, size};
}

bool is_valid(std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const auto next = decode(bytes);
        if (next.size == 0 || is_surrogate(next.code_point)) return false;
        bytes.remove_prefix(next.size);
    }
    return true;
}

void append(std::string& to, char32_t code_point) {
    STREAMHOST_ASSERT(code_point <= 0x10FFFF);
    if (is_surrogate(code_point)) code_point = replacement;
    const auto continuation = [&](int shift) { to += static_cast<char>(0x80 | (code_point >> shift & 0x3F)); };
    if (code_point < 0x80) {
        to += static_cast<char>(code_point);
    } else if (code_point < 0x800) {
        to += static_cast<char>(0xC0 | code_point >> 6);
        continuation(0);
    } else if (code_point < 0x10000) {
        to += static_cast<char>(0xE0 | code_point >> 12);
        continuation(6);
        continuation(0);
    } else {
        to += static_cast<char>(0xF0 | code_point >> 18);
        continuation(12);
        continuation(6);
        continuation(0);
    }
}

std::string escape_controls(std::string_view text) {
    std::string shown;
    shown.reserve(text.size());
    const auto out = std::back_inserter(shown);
    while (!text.empty()) {
        const auto next = decode(text);
        const auto size = std::max<std::size_t>(next.size, 1);
        if (next.size == 0 || is_surrogate(next.code_point)) {
            for (const char byte : text.substr(0, size)) fmt::format_to(out, "\\x{:02x}", static_cast<unsigned char>(byte));
        } else if (is_control(next.code_point)) {
            fmt::format_to(out, "\\x{:02x}", static_cast<unsigned>(next.code_point));
        } else if (changes_reading(next.code_point)) {
            fmt::format_to(out, "\\u{:04x}", static_cast<unsigned>(next.code_point));
        } else {
            shown += text.substr(0, size);
        }
        text.remove_prefix(size);
    }
    return shown;
}

}  // namespace streamhost::utf8
