#include "websocket.hpp"

#include <streamhost/wire/base64.hpp>
#include <streamhost/wire/utf8.hpp>

#include <openssl/sha.h>

#include <algorithm>

namespace streamhost::web {
namespace {

constexpr std::string_view magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // section 1.3
constexpr std::size_t longest_control = 125;

bool is_control(ws_opcode opcode) { return opcode >= ws_opcode::close; }

bool is_known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

/// Codes that may stand in a frame (section 7.4).
bool is_close_code(std::uint16_t code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1011) || (code >= 3000 && code <= 4999);
}

std::string_view text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_good_close(std::span<const std::byte> payload) {
    if (payload.empty()) return true;
    if (payload.size() == 1) return false;
    const auto code = std::to_integer<int>(payload[0]) << 8 | std::to_integer<int>(payload[1]);
    return is_close_code(static_cast<std::uint16_t>(code)) && utf8::is_valid(text_of(payload.subspan(2)));
}

wire_message whole_frame(ws_opcode opcode, std::span<const std::byte> payload) {
    auto bytes = frame_head(opcode, payload.size());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    wire_message content;
    content.pieces.push_back(shared_bytes::adopt(std::move(bytes)));
    return content;
}

}  // namespace

std::string accept_key(std::string_view key) {
    auto text = std::string(key);
    text += magic;
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    ::SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    return std::string(base64::encode(std::as_bytes(std::span(digest))).as_text());
}

bool is_websocket_key(std::string_view key) {
    const auto bytes = base64::decode(std::as_bytes(std::span(key.data(), key.size())));
    return bytes && bytes->size() == 16;
}

std::vector<std::byte> frame_head(ws_opcode opcode, std::size_t payload_bytes) {
    std::vector<std::byte> head{std::byte{0x80} | std::byte(opcode)};
    const auto put = [&](int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
            head.push_back(std::byte((payload_bytes >> shift) & 0xFF));
        }
    };
    if (payload_bytes <= longest_control) {
        head.push_back(std::byte(payload_bytes));
    } else if (payload_bytes <= 0xFFFF) {
        head.push_back(std::byte{126});
        put(2);
    } else {
        head.push_back(std::byte{127});
        put(8);
    }
    return head;
}

wire_message text_frame(std::string_view json) {
    return whole_frame(ws_opcode::text, std::as_bytes(std::span(json.data(), json.size())));
}
wire_message pong_frame(std::span<const std::byte> payload) { return whole_frame(ws_opcode::pong, payload); }
wire_message ping_frame() { return whole_frame(ws_opcode::ping, {}); }
wire_message close_frame(ws_status status) {
    const auto code = static_cast<std::uint16_t>(status);
    const std::array payload{std::byte(code >> 8), std::byte(code & 0xFF)};
    return whole_frame(ws_opcode::close, payload);
}

std::size_t frame_reader::head_bytes() const noexcept {
    if (head_size_ < 2) return 2;
    const auto length = head_[1] & 0x7F;
    return 2 + (length == 126 ? 2U : length == 127 ? 8U : 0U) + 4U;
}

/// Its first two bytes are there, which no length makes good again.
std::optional<ws_status> frame_reader::judge_start() {
    const auto first = head_[0], second = head_[1];
    const auto opcode = static_cast<std::uint8_t>(first & 0x0F);
    const bool masked = (second & 0x80) != 0;
    if ((first & 0x70) != 0 || !is_known(opcode) || !masked) return ws_status::protocol_error;
    final_ = (first & 0x80) != 0;
    opcode_ = static_cast<ws_opcode>(opcode);
    return std::nullopt;
}

/// The head is whole: judges the frame before a byte of it is kept.
std::optional<ws_status> frame_reader::begin_frame() {
    const auto second = head_[1];
    const auto short_length = second & 0x7F;
    std::size_t at = 2;
    left_ = static_cast<std::uint64_t>(short_length);
    if (short_length >= 126) {
        const std::size_t bytes = short_length == 126 ? 2 : 8;
        left_ = 0;
        for (std::size_t i = 0; i < bytes; ++i) left_ = left_ << 8 | head_[at++];
        // The shortest form is the only one.
        if (left_ < (short_length == 126 ? 126U : 0x10000U) || left_ >> 63 != 0) return ws_status::protocol_error;
    }
    std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(at), 4, mask_.begin());
    mask_at_ = 0;
    head_size_ = 0;
    if (is_control(opcode_)) {
        if (!final_ || left_ > longest_control) return ws_status::protocol_error;
        control_.clear();
    } else {
        if (message_bytes_ == 0) return ws_status::unsupported_data;
        if ((opcode_ == ws_opcode::continuation) != in_message_) return ws_status::protocol_error;
        if (left_ > message_bytes_ - message_.size()) return ws_status::too_big;
        if (opcode_ != ws_opcode::continuation) message_opcode_ = opcode_;
        in_message_ = true;
    }
    in_payload_ = true;
    return std::nullopt;
}

std::optional<ws_status> frame_reader::end_frame(const taker& take) {
    in_payload_ = false;
    if (is_control(opcode_)) {
        if (opcode_ == ws_opcode::close) {
            if (!is_good_close(control_)) return ws_status::protocol_error;
            over_ = true;
        }
        take(opcode_, control_);
        return std::nullopt;
    }
    if (!final_) return std::nullopt;
    in_message_ = false;
    if (message_opcode_ == ws_opcode::text && !utf8::is_valid(text_of(message_))) return ws_status::invalid_text;
    take(message_opcode_, message_);
    message_.clear();
    return std::nullopt;
}

std::optional<ws_status> frame_reader::feed(std::span<const std::byte> bytes, const taker& take) {
    std::optional<ws_status> broken;
    while (!over_ && !broken) {
        if (!in_payload_) {
            while (head_size_ < head_bytes() && !bytes.empty() && !broken) {
                head_[head_size_++] = std::to_integer<std::uint8_t>(bytes.front());
                bytes = bytes.subspan(1);
                if (head_size_ == 2) broken = judge_start();
            }
            if (broken || head_size_ < head_bytes()) break;
            broken = begin_frame();
            if (broken) break;
        }
        auto& into = is_control(opcode_) ? control_ : message_;
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
        for (const auto byte : bytes.first(count)) into.push_back(byte ^ std::byte(mask_[mask_at_++ % 4]));
        bytes = bytes.subspan(count);
        left_ -= count;
        if (left_ > 0) break;
        broken = end_frame(take);
    }
    if (broken) over_ = true;
    return broken;
}

}  // namespace streamhost::web
