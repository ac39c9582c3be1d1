#include "topology/json_reader.hpp"

namespace streamhost {
namespace {

/// Bytes of the sequence that starts with `lead`, and the range of its second byte; 0 where none starts so.
struct sequence {
    std::size_t length;
    unsigned char second_low = 0x80;
    unsigned char second_high = 0xbf;
};

sequence sequence_of(unsigned char lead) noexcept {
    if (lead < 0x80) return {1};
    if (lead < 0xc2) return {0};
    if (lead < 0xe0) return {2};
    if (lead == 0xe0) return {3, 0xa0, 0xbf};
    if (lead == 0xed) return {3, 0x80, 0x9f};
    if (lead < 0xf0) return {3};
    if (lead == 0xf0) return {4, 0x90, 0xbf};
    if (lead < 0xf4) return {4};
    if (lead == 0xf4) return {4, 0x80, 0x8f};
    return {0};
}

bool complete(std::string_view rest, const sequence& expected) noexcept {
    if (expected.length == 0 || rest.size() < expected.length) return false;
    for (std::size_t i = 1; i < expected.length; ++i) {
        const auto byte = static_cast<unsigned char>(rest[i]);
        const unsigned char low = i == 1 ? expected.second_low : 0x80;
        const unsigned char high = i == 1 ? expected.second_high : 0xbf;
        if (byte < low || byte > high) return false;
    }
    return true;
}

}  // namespace

std::size_t utf8_prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto expected = sequence_of(static_cast<unsigned char>(text[at]));
        if (!complete(text.substr(at), expected)) break;
        at += expected.length;
    }
    return at;
}

}  // namespace streamhost
