#include "stamp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <initializer_list>

namespace bench {
namespace {

constexpr std::string_view tag = "TSNS=";
constexpr std::size_t time_digits = 19;
constexpr std::size_t number_digits = 10;

template <class Number>
bool read(std::string_view digits, Number& value) {
    const auto* const end = digits.data() + digits.size();
    const auto [stop, code] = std::from_chars(digits.data(), end, value);
    return code == std::errc() && stop == end;
}

void put(std::string& out, std::initializer_list<int> bytes) {
    for (const int byte : bytes) out.push_back(static_cast<char>(byte));
}

/// Everything of the picture that comes behind its comments (ITU-T T.81, annex B).
std::string picture_of_jpeg() {
    std::string out;
    put(out, {0xFF, 0xDB, 0, 67, 0});  // quantisation: all ones
    out.append(64, 1);
    put(out, {0xFF, 0xC0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0});  // baseline, 8x8, one component
    for (const int table : {0x00, 0x10}) {                         // Huffman: one code of one bit, for 0
        put(out, {0xFF, 0xC4, 0, 20, table, 1});
        out.append(16, 0);
    }
    put(out, {0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x3F, 0xFF, 0xD9});  // the scan: two bits of 0; the end
    return out;
}

}  // namespace

std::int64_t now_ns() {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

std::optional<stamp> find_stamp(std::string_view bytes) {
    const auto at = bytes.find(tag);
    if (at == bytes.npos || bytes.size() - at < stamp_size) return std::nullopt;
    stamp found;
    const auto digits = bytes.substr(at + tag.size());
    if (!read(digits.substr(0, time_digits), found.made_ns)) return std::nullopt;
    if (!read(digits.substr(time_digits + 1, number_digits), found.number)) return std::nullopt;
    return found;
}

stamped_content stamped_content::jpeg(std::size_t size) {
    constexpr std::size_t largest = 65'000, smallest = stamp_size + 4;  // of a comment with its marker
    const auto end = picture_of_jpeg();
    std::string out;
    put(out, {0xFF, 0xD8});
    for (std::size_t left = std::max(size, out.size() + end.size() + smallest) - out.size() - end.size(); left > 0;) {
        auto segment = std::min(left, largest);
        if (left > segment && left - segment < smallest) segment -= smallest;
        const auto length = static_cast<int>(segment - 2);
        put(out, {0xFF, 0xFE, length >> 8, length & 0xFF});
        out.append(segment - 4, 'x');
        left -= segment;
    }
    return {out + end, 6};
}

stamped_content stamped_content::picture(std::size_t width, std::size_t height) {
    return {std::string(width * height * 3, '\x80'), 0};
}

void stamped_content::set(stamp value) {
    fmt::format_to_n(bytes_.data() + place_, stamp_size, "{}{:019}#{:010}", tag, value.made_ns, value.number);
}

}  // namespace bench
