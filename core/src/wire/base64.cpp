#include <streamhost/wire/base64.hpp>

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace streamhost::base64 {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::byte padding{'='};
constexpr std::uint8_t no_digit = 0xFF;

/// Two digits for every twelve bits: half as many steps as with one digit for six.
using digit_pairs = std::array<std::array<std::byte, 2>, 4096>;

constexpr digit_pairs make_pairs() {
    digit_pairs pairs{};
    for (std::size_t i = 0; i < pairs.size(); ++i)
        pairs[i] = {std::byte(alphabet[i >> 6]), std::byte(alphabet[i & 63])};
    return pairs;
}

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}

constexpr digit_pairs pairs = make_pairs();
constexpr std::array<std::uint8_t, 256> values = make_values();

std::uint32_t number(std::byte b) noexcept { return std::to_integer<std::uint32_t>(b); }

void put(std::byte* to, std::uint32_t bits) noexcept {
    const auto& high = pairs[bits >> 12];
    const auto& low = pairs[bits & 0xFFF];
    to[0] = high[0];
    to[1] = high[1];
    to[2] = low[0];
    to[3] = low[1];
}

/// The bits of four digits. An unknown digit sets the upper bits of `wrong`, which no known one does.
std::uint32_t take(std::span<const std::byte, 4> digits, std::uint32_t& wrong) noexcept {
    std::uint32_t bits = 0;
    for (const auto digit : digits) {
        const std::uint32_t value = values[number(digit)];
        wrong |= value;
        bits = bits << 6 | value;
    }
    return bits;
}

/// The last one or two bytes.
void put_rest(std::byte* to, std::span<const std::byte> rest) noexcept {
    const std::uint32_t second = rest.size() == 2 ? number(rest[1]) : 0;
    put(to, number(rest[0]) << 16 | second << 8);
    to[3] = padding;
    if (rest.size() == 1) to[2] = padding;
}

}  // namespace

shared_bytes encode(std::span<const std::byte> bytes) {
    std::vector<std::byte> text(encoded_size(bytes.size()));
    const auto* from = bytes.data();
    auto* to = text.data();
    for (std::size_t left = bytes.size() / 3; left > 0; --left, from += 3, to += 4)
        put(to, number(from[0]) << 16 | number(from[1]) << 8 | number(from[2]));
    const auto rest = bytes.subspan(bytes.size() / 3 * 3);
    if (!rest.empty()) put_rest(to, rest);
    return shared_bytes::adopt(std::move(text));
}

result<shared_bytes> decode(std::span<const std::byte> text) {
    if (text.size() % 4 != 0) return errc::malformed;
    if (text.empty()) return shared_bytes();
    const auto last = text.last(4);
    const std::size_t padded = last[3] != padding ? 0 : last[2] != padding ? 1 : 2;

    std::vector<std::byte> bytes;
    bytes.reserve(text.size() / 4 * 3);
    bytes.resize(text.size() / 4 * 3 - 3);
    std::uint32_t wrong = 0;
    const auto* from = text.data();
    for (std::size_t at = 0; at < bytes.size(); at += 3, from += 4) {
        const auto bits = take(std::span<const std::byte, 4>(from, 4), wrong);
        bytes[at] = std::byte(bits >> 16);
        bytes[at + 1] = std::byte(bits >> 8);
        bytes[at + 2] = std::byte(bits);
    }

    std::array<std::byte, 4> end{last[0], last[1], last[2], last[3]};
    for (std::size_t i = 4 - padded; i < 4; ++i) end[i] = std::byte{'A'};  // a digit of no bits
    const auto bits = take(end, wrong);
    const bool surplus_bits = (bits & ((1U << (8 * padded)) - 1)) != 0;
    if (wrong > 63 || surplus_bits) return errc::malformed;
    for (std::size_t i = 0; i < 3 - padded; ++i) bytes.push_back(std::byte(bits >> (16 - 8 * i)));
    return shared_bytes::adopt(std::move(bytes));
}

}  // namespace streamhost::base64
