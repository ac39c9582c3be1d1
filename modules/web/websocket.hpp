#pragma once

#include <streamhost/wire_message.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// WebSocket (RFC 6455) as a server speaks it, without extensions: pure functions and a reader of bytes. (Beast's
/// `websocket::stream` owns its socket and counts machine time; here a viewer's socket belongs to the fan-out, and a
/// simulation has its own time.)
namespace streamhost::web {

enum class ws_opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Why a connection is closed (RFC 6455, 7.4.1).
enum class ws_status : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported_data = 1003,
    invalid_text = 1007,
    policy = 1008,
    too_big = 1009,
};

/// What the answer to a handshake proves itself with: `Sec-WebSocket-Accept`, section 4.2.2.
std::string accept_key(std::string_view key);
/// Whether it is 16 bytes in base64, as a client has to send them.
bool is_websocket_key(std::string_view key);

/// What stands ahead of a server's payload of so many bytes, in one frame: 2 to 10 bytes.
std::vector<std::byte> frame_head(ws_opcode opcode, std::size_t payload_bytes);

/// One whole frame.
wire_message text_frame(std::string_view json);
wire_message pong_frame(std::span<const std::byte> payload);
wire_message ping_frame();
wire_message close_frame(ws_status status);

/// Reads what one client sends, in pieces of any size. Holds no more than one message.
class frame_reader {
public:
    /// `message_bytes`: of the largest message; 0: none may come, only control frames.
    explicit frame_reader(std::size_t message_bytes) : message_bytes_(message_bytes) {}

    /// A whole message, its fragments put together, or a control frame. The bytes are valid during the call.
    using taker = std::function<void(ws_opcode opcode, std::span<const std::byte> payload)>;

    /// What to close with where the client breaks the rules; then nothing more is read. After a close frame, neither.
    std::optional<ws_status> feed(std::span<const std::byte> bytes, const taker& take);

    /// A frame or a message has begun and is not whole.
    bool is_waiting_for_more() const noexcept { return !over_ && (head_size_ > 0 || in_payload_ || in_message_); }
    /// The client has said its last word, or broke the rules.
    bool over() const noexcept { return over_; }

private:
    std::optional<ws_status> judge_start();
    std::optional<ws_status> begin_frame();
    std::optional<ws_status> end_frame(const taker& take);
    std::size_t head_bytes() const noexcept;

    std::size_t message_bytes_;
    std::array<std::uint8_t, 14> head_{};
    std::size_t head_size_ = 0;
    bool in_payload_ = false;
    bool in_message_ = false;  ///< fragments of a message have come, and more will
    bool over_ = false;
    bool final_ = false;
    ws_opcode opcode_ = ws_opcode::text;
    ws_opcode message_opcode_ = ws_opcode::text;
    std::uint64_t left_ = 0;  ///< of the frame's payload
    std::array<std::uint8_t, 4> mask_{};
    std::size_t mask_at_ = 0;
    std::vector<std::byte> control_;
    std::vector<std::byte> message_;
};

}  // namespace streamhost::web
