#include <streamhost/wire/base64_jpeg.hpp>

#include <streamhost/wire/base64.hpp>

namespace streamhost::base64_jpeg {
namespace {

constexpr std::string_view view_text = "streamhost-video/1 view";
constexpr std::string_view bye_text = "streamhost-video/1 bye";
constexpr std::string_view refusal_text = "streamhost-video/1 refused";
static_assert(view_text.size() <= longest_request && bye_text.size() <= longest_request);
// Whoever writes another's address on a request must not gain by it (RFC 9000, section 8).
static_assert(refusal_text.size() <= 3 * view_text.size());

std::span<const std::byte> bytes_of(std::string_view text) noexcept { return std::as_bytes(std::span(text)); }

std::string_view text_of(std::span<const std::byte> datagram) noexcept {
    return {reinterpret_cast<const char*>(datagram.data()), datagram.size()};
}

bool begins_as_jpeg(std::span<const std::byte> bytes) noexcept {
    return bytes.size() >= 2 && bytes[0] == std::byte{0xFF} && bytes[1] == std::byte{0xD8};
}

}  // namespace

result<shared_bytes> encode(std::span<const std::byte> jpeg) {
    if (jpeg.size() > largest_jpeg) return errc::too_large;
    return base64::encode(jpeg);
}

result<shared_bytes> decode(std::span<const std::byte> datagram) {
    auto jpeg = base64::decode(datagram);
    if (jpeg && !begins_as_jpeg(jpeg->span())) return errc::malformed;
    return jpeg;
}

request read_request(std::span<const std::byte> datagram) noexcept {
    if (datagram.size() > longest_request || is_refusal(datagram)) return request::nothing;
    const auto text = text_of(datagram);
    if (text == view_text) return request::view;
    if (text == bye_text) return request::bye;
    return request::hello;
}

std::span<const std::byte> view_request() noexcept { return bytes_of(view_text); }
std::span<const std::byte> bye_request() noexcept { return bytes_of(bye_text); }
std::span<const std::byte> refusal() noexcept { return bytes_of(refusal_text); }
bool is_refusal(std::span<const std::byte> datagram) noexcept { return text_of(datagram) == refusal_text; }

}  // namespace streamhost::base64_jpeg
