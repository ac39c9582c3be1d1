#include "wire/framed_layout.hpp"

#include <streamhost/assert.hpp>
#include <streamhost/wire/length_prefix.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace streamhost::framed {
namespace {

constexpr std::uint32_t magic = 0x4D464853;  // the bytes "SHFM"

}  // namespace

std::string describe_mismatch(version peer) {
    return fmt::format("the peer speaks framed {}.{}, this program speaks framed {}.{}", peer.major, peer.minor,
                       own_version.major, own_version.minor);
}

bool is_name(std::string_view candidate) noexcept {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_'
               || c == '-';
    };
    return !candidate.empty() && candidate.size() <= max_name && std::ranges::all_of(candidate, allowed);
}

shared_bytes encode_prefix(const header& head, std::span<const std::byte> before_body, std::size_t body_size) {
    STREAMHOST_ASSERT(head.hops >= 0 && head.hops <= max_hops + 1);  // one too many: the reader says so
    const auto own_size = head.channel == 0 ? header_size : channel_header_size;
    std::vector<std::byte> bytes(length_prefix::size + own_size + before_body.size());
    const auto length = length_prefix::encode(own_size + before_body.size() + body_size);
    std::ranges::copy(length, bytes.begin());
    auto* at = bytes.data() + length_prefix::size;
    using wire::store;
    store(at + 0, magic);
    store(at + 4, own_version.major);
    store(at + 5, own_version.minor);
    store(at + 6, static_cast<std::uint16_t>(own_size));
    store(at + 8, static_cast<std::uint16_t>(head.type));
    store(at + 10, static_cast<std::uint16_t>(head.hops));
    store(at + 12, head.flags);
    std::ranges::copy(head.source.boot, at + 16);
    store(at + 32, head.source.instance);
    store(at + 36, head.epoch);
    store(at + 40, head.sequence);
    store(at + 48, head.steady_ns);
    store(at + 56, head.wall_ns);
    std::ranges::copy(head.format, at + 64);
    if (head.channel != 0) store(at + 80, head.channel);
    std::ranges::copy(before_body, at + own_size);
    return shared_bytes::adopt(std::move(bytes));
}

pieces forward(const header& head, const shared_bytes& received) {
    return {encode_prefix(head, {}, received.size()), received};
}

pieces with_channel(const pieces& written, std::uint32_t channel) {
    constexpr auto header_end = length_prefix::size + header_size;
    const auto prefix = written.prefix.span();
    STREAMHOST_ASSERT(prefix.size() >= header_end && channel != 0);
    std::vector<std::byte> bytes(prefix.begin(), prefix.begin() + header_end);
    bytes.resize(length_prefix::size + channel_header_size);
    bytes.insert(bytes.end(), prefix.begin() + header_end, prefix.end());
    const auto length = length_prefix::encode(bytes.size() - length_prefix::size + written.body.size());
    std::ranges::copy(length, bytes.begin());
    wire::store(bytes.data() + length_prefix::size + 6, static_cast<std::uint16_t>(channel_header_size));
    wire::store(bytes.data() + header_end, channel);
    return {shared_bytes::adopt(std::move(bytes)), written.body};
}

result<message> decode(const shared_bytes& body) {
    using wire::load;
    const auto* at = body.data();
    if (body.size() < header_size || load<std::uint32_t>(at) != magic) return errc::malformed;
    message received;
    auto& head = received.head;
    head.speaks = {load<std::uint8_t>(at + 4), load<std::uint8_t>(at + 5)};
    if (head.speaks.major != own_version.major) return errc::unsupported;
    const std::size_t size = load<std::uint16_t>(at + 6);
    if (size < header_size || size % 8 != 0 || size > body.size()) return errc::malformed;
    head.type = static_cast<message_type>(load<std::uint16_t>(at + 8));
    head.hops = load<std::uint16_t>(at + 10);
    if (head.hops > max_hops) return errc::circling;
    head.flags = load<std::uint32_t>(at + 12);
    std::copy_n(at + 16, head.source.boot.size(), head.source.boot.begin());
    head.source.instance = load<std::uint32_t>(at + 32);
    head.epoch = load<std::uint32_t>(at + 36);
    head.sequence = load<std::uint64_t>(at + 40);
    head.steady_ns = load<std::int64_t>(at + 48);
    head.wall_ns = load<std::int64_t>(at + 56);
    std::copy_n(at + 64, head.format.size(), head.format.begin());
    if (size >= channel_header_size) head.channel = load<std::uint32_t>(at + 80);
    received.payload = body.slice(size, body.size() - size);
    return received;
}

}  // namespace streamhost::framed
