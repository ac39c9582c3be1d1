#include "rtp/stamps.hpp"

#include "rtp/big_endian.hpp"

#include <streamhost/assert.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace streamhost::video::rtp {
namespace {

constexpr std::uint16_t one_byte_form = 0xBEDE;
constexpr std::uint16_t two_byte_form = 0x1000;  // the lowest four bits are the application's

/// The bytes of elements 1 to 4: boot id; instance, epoch and sequence; steady and wall clock; sides and hops.
constexpr std::array<std::size_t, 4> element_bytes{16, 16, 16, 5};

using elements = std::array<std::span<const std::byte>, 4>;

bool find_elements(const packet& in, elements& found) noexcept {
    const bool two_bytes = (in.extension_profile & 0xFFF0) == two_byte_form;
    if (!two_bytes && in.extension_profile != one_byte_form) return false;
    auto rest = in.extension;
    while (!rest.empty()) {
        const auto head = std::to_integer<std::size_t>(rest[0]);
        if (head == 0) {  // padding
            rest = rest.subspan(1);
            continue;
        }
        if (two_bytes && rest.size() < 2) return false;
        const auto id = two_bytes ? head : head >> 4;
        const auto size = two_bytes ? std::to_integer<std::size_t>(rest[1]) : (head & 15) + 1;
        if (!two_bytes && id == 15) break;
        rest = rest.subspan(two_bytes ? 2 : 1);
        if (rest.size() < size) return false;
        if (id >= 1 && id <= found.size()) {
            if (size != element_bytes[id - 1]) return false;
            found[id - 1] = rest.first(size);
        }
        rest = rest.subspan(size);
    }
    return std::ranges::none_of(found, [](auto each) { return each.empty(); });
}

}  // namespace

void write_stamps(std::byte* to, const stamps& of) noexcept {
    STREAMHOST_ASSERT(of.width >= 1 && of.width <= 65535 && of.height >= 1 && of.height <= 65535);
    STREAMHOST_ASSERT(of.header.hops >= 0 && of.header.hops <= 255);
    std::memset(to, 0, stamps_bytes);
    store_big(to, one_byte_form);
    store_big(to + 2, static_cast<std::uint16_t>(stamps_bytes / 4 - 1));
    std::array<std::byte*, 4> content{};
    auto* at = to + 4;
    for (std::size_t i = 0; i < element_bytes.size(); ++i) {
        *at = static_cast<std::byte>((i + 1) << 4 | (element_bytes[i] - 1));
        content[i] = at + 1;
        at += 1 + element_bytes[i];
    }
    std::memcpy(content[0], of.header.origin.boot.data(), of.header.origin.boot.size());
    store_big(content[1], of.header.origin.instance);
    store_big(content[1] + 4, of.header.epoch);
    store_big(content[1] + 8, of.header.sequence);
    store_big(content[2], of.header.steady_ns);
    store_big(content[2] + 8, of.header.wall_ns);
    store_big(content[3], static_cast<std::uint16_t>(of.width));
    store_big(content[3] + 2, static_cast<std::uint16_t>(of.height));
    content[3][4] = static_cast<std::byte>(of.header.hops);
}

std::optional<stamps> read_stamps(const packet& in) noexcept {
    elements found;
    if (!find_elements(in, found)) return std::nullopt;
    stamps read;
    std::memcpy(read.header.origin.boot.data(), found[0].data(), found[0].size());
    read.header.origin.instance = load_big<std::uint32_t>(found[1].data());
    read.header.epoch = load_big<std::uint32_t>(found[1].data() + 4);
    read.header.sequence = load_big<std::uint64_t>(found[1].data() + 8);
    read.header.steady_ns = load_big<std::int64_t>(found[2].data());
    read.header.wall_ns = load_big<std::int64_t>(found[2].data() + 8);
    read.width = load_big<std::uint16_t>(found[3].data());
    read.height = load_big<std::uint16_t>(found[3].data() + 2);
    read.header.hops = std::to_integer<int>(found[3][4]);
    return read;
}

}  // namespace streamhost::video::rtp
