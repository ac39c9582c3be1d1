#include <streamhost/wire/framed_opening.hpp>

#include <streamhost/assert.hpp>
#include <streamhost/wire/utf8.hpp>

#include "wire/little_endian.hpp"

#include <algorithm>

namespace streamhost::framed {
namespace {

using wire::load;
using wire::store;

constexpr std::uint32_t hello_magic = 0x48464853;   // the bytes "SHFH"
constexpr std::uint32_t answer_magic = 0x41464853;  // the bytes "SHFA"
constexpr std::size_t hello_head = 16;
constexpr std::size_t answer_head = 64;

/// The fixed part of an opening with its first eight bytes and the texts that follow it; the caller fills in the rest.
std::vector<std::byte> start(std::uint32_t magic, std::size_t head, std::initializer_list<std::string_view> texts) {
    std::vector<std::byte> bytes(head);
    for (const auto part : texts) {
        const auto more = std::as_bytes(std::span(part));
        bytes.insert(bytes.end(), more.begin(), more.end());
    }
    STREAMHOST_ASSERT(bytes.size() <= max_opening_size);
    store(bytes.data() + 0, magic);
    store(bytes.data() + 4, own_version.major);
    store(bytes.data() + 5, own_version.minor);
    store(bytes.data() + 6, static_cast<std::uint16_t>(bytes.size()));
    return bytes;
}

result<opening_start> decode_start(std::span<const std::byte, opening_start_size> bytes, std::uint32_t magic) noexcept {
    if (load<std::uint32_t>(bytes.data()) != magic) return errc::malformed;
    opening_start found{{load<std::uint8_t>(bytes.data() + 4), load<std::uint8_t>(bytes.data() + 5)},
                        load<std::uint16_t>(bytes.data() + 6)};
    if (found.size < opening_start_size) return errc::malformed;
    if (found.size > max_opening_size) return errc::too_large;
    return found;
}

/// The version of a whole opening whose fixed part is there.
result<version> check_whole(std::span<const std::byte> bytes, std::uint32_t magic, std::size_t head) noexcept {
    if (bytes.size() < opening_start_size) return errc::malformed;
    const auto found = decode_start(bytes.first<opening_start_size>(), magic);
    if (!found) return found.error();
    if (found->speaks.major != own_version.major) return errc::unsupported;
    if (found->size != bytes.size() || bytes.size() < head) return errc::malformed;
    return found->speaks;
}

/// The texts that follow the fixed part; nothing where they do not fit.
class texts {
public:
    explicit texts(std::span<const std::byte> rest) : rest_(reinterpret_cast<const char*>(rest.data()), rest.size()) {}

    bool take(std::size_t size, std::string_view& out) noexcept {
        if (size > rest_.size()) return false;
        out = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return true;
    }

private:
    std::string_view rest_;
};

/// As much of `text` as the wire takes, cut between two code points.
std::string_view cut(std::string_view text) noexcept {
    if (text.size() <= max_refusal) return text;
    auto size = max_refusal;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    return text.substr(0, size);
}

bool is_stream(std::string_view name) noexcept { return name.empty() || is_name(name); }

}  // namespace

result<opening_start> decode_hello_start(std::span<const std::byte, opening_start_size> bytes) noexcept {
    return decode_start(bytes, hello_magic);
}

result<opening_start> decode_answer_start(std::span<const std::byte, opening_start_size> bytes) noexcept {
    return decode_start(bytes, answer_magic);
}

std::vector<std::byte> encode(const hello& content) {
    STREAMHOST_ASSERT(is_stream(content.stream) && content.token.size() <= max_token);
    const std::string_view token(reinterpret_cast<const char*>(content.token.data()), content.token.size());
    auto bytes = start(hello_magic, hello_head, {content.stream, token});
    store(bytes.data() + 8, content.flags);
    store(bytes.data() + 12, static_cast<std::uint16_t>(content.stream.size()));
    store(bytes.data() + 14, static_cast<std::uint16_t>(token.size()));
    return bytes;
}

std::vector<std::byte> encode(const answer& content) {
    STREAMHOST_ASSERT(is_stream(content.stream));
    STREAMHOST_ASSERT(content.user_type.empty() || is_name(content.user_type));
    const auto refusal = cut(content.refusal);
    auto bytes = start(answer_magic, answer_head, {content.stream, content.user_type, refusal});
    store(bytes.data() + 8, content.flags);
    store(bytes.data() + 12, static_cast<std::uint16_t>(content.accepted ? 0 : 1));
    store(bytes.data() + 14, static_cast<std::uint16_t>(content.type));
    std::ranges::copy(content.source.boot, bytes.begin() + 16);
    store(bytes.data() + 32, content.source.instance);
    store(bytes.data() + 36, content.user_version);
    store(bytes.data() + 40, content.wall_ns);
    store(bytes.data() + 48, static_cast<std::uint16_t>(content.stream.size()));
    store(bytes.data() + 50, static_cast<std::uint16_t>(content.user_type.size()));
    store(bytes.data() + 52, static_cast<std::uint16_t>(refusal.size()));
    return bytes;
}

result<hello> decode_hello(std::span<const std::byte> bytes) {
    const auto speaks = check_whole(bytes, hello_magic, hello_head);
    if (!speaks) return speaks.error();
    const auto* at = bytes.data();
    texts rest(bytes.subspan(hello_head));
    std::string_view stream;
    std::string_view token;
    const auto token_size = load<std::uint16_t>(at + 14);
    if (token_size > max_token) return errc::too_large;
    if (!rest.take(load<std::uint16_t>(at + 12), stream) || !rest.take(token_size, token)) return errc::malformed;
    if (!is_stream(stream)) return errc::malformed;
    const auto secret = std::as_bytes(std::span(token));
    return hello{*speaks, load<std::uint32_t>(at + 8), std::string(stream), {secret.begin(), secret.end()}};
}

result<answer> decode_answer(std::span<const std::byte> bytes) {
    const auto speaks = check_whole(bytes, answer_magic, answer_head);
    if (!speaks) return speaks.error();
    const auto* at = bytes.data();
    texts rest(bytes.subspan(answer_head));
    std::string_view stream;
    std::string_view user_type;
    std::string_view refusal;
    const bool complete = rest.take(load<std::uint16_t>(at + 48), stream)
                          && rest.take(load<std::uint16_t>(at + 50), user_type)
                          && rest.take(load<std::uint16_t>(at + 52), refusal);
    if (!complete || !is_stream(stream) || !utf8::is_valid(refusal)) return errc::malformed;
    if (!user_type.empty() && !is_name(user_type)) return errc::malformed;
    answer found;
    found.speaks = *speaks;
    found.flags = load<std::uint32_t>(at + 8);
    found.accepted = load<std::uint16_t>(at + 12) == 0;
    found.type = static_cast<message_type>(load<std::uint16_t>(at + 14));
    std::copy_n(at + 16, found.source.boot.size(), found.source.boot.begin());
    found.source.instance = load<std::uint32_t>(at + 32);
    found.user_version = load<std::uint32_t>(at + 36);
    found.wall_ns = load<std::int64_t>(at + 40);
    found.stream = stream;
    found.user_type = user_type;
    found.refusal = refusal;
    if (found.accepted && (found.type == message_type::user) != !user_type.empty()) return errc::malformed;
    return found;
}

}  // namespace streamhost::framed
