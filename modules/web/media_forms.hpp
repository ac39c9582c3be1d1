#pragma once

#include <streamhost/media.hpp>
#include <streamhost/wire_message.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Pictures and sound as browsers and players take them. Pure functions; pictures and samples are shared, never copied.
namespace streamhost::web {

/// What is known of the time of a message, in milliseconds since 1970 by this machine's clock.
struct media_times {
    double captured = 0;  ///< not a number where it is not known
    double sent = 0;      ///< now
};

/// `multipart/x-mixed-replace` (RFC 2046, 5.1): the separator is sent behind a picture instead of ahead of it, since
/// browsers show a part when they see its end.
inline constexpr std::string_view mjpeg_content_type = "multipart/x-mixed-replace; boundary=frame";
inline constexpr std::string_view mjpeg_separator = "\r\n--frame\r\n";
wire_message mjpeg_part(const encoded_image& image, const media_times& times);

/// What stands ahead of a payload in `/ws/media`, docs/console.md: 32 bytes, little endian.
inline constexpr std::size_t media_head_bytes = 32;
struct media_head {
    enum class kind : std::uint8_t { jpeg = 1, s16 = 2, f32 = 3 };
    kind payload = kind::jpeg;
    std::uint16_t stream = 0;
    std::uint32_t format = 0;  ///< of sound: its rate in the low 24 bits, its channels in the high 8
    std::uint64_t sequence = 0;
    media_times times;
};
std::vector<std::byte> encode(const media_head& head);

/// A binary WebSocket message: the frame's head, ours, and the payload.
wire_message media_message(const media_head& head, const shared_bytes& payload);
media_head::kind kind_of(sample_format format);
/// Of `media_head::format`; 0 where it cannot be expressed.
std::uint32_t format_of(const audio_block& block);

/// A WAV header (RIFF, little endian) of a file without an end: both lengths are the largest there is.
std::string endless_wav_header(const audio_block& like);

}  // namespace streamhost::web
