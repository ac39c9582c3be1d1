#include <streamhost/wire/utf8.hpp>

#include <streamhost/assert.hpp>

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

}  // namespace streamhost::utf8
