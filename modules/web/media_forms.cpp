#include "media_forms.hpp"

#include "websocket.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <span>

namespace streamhost::web {
namespace {

template <class Number>
void put(std::vector<std::byte>& to, Number number) {
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        to.push_back(std::byte(static_cast<std::uint64_t>(number) >> (8 * i) & 0xFF));
    }
}

void put_text(std::vector<std::byte>& to, std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    to.insert(to.end(), bytes.begin(), bytes.end());
}

/// Seconds since 1970, as other servers of MJPEG say it.
std::string timestamp(const media_times& times) {
    const auto ms = std::isnan(times.captured) ? times.sent : times.captured;
    return fmt::format("{:.6f}", ms / 1000);
}

}  // namespace

wire_message mjpeg_part(const encoded_image& image, const media_times& times) {
    static const auto separator = shared_bytes::adopt(std::string(mjpeg_separator));
    wire_message part;
    auto head = fmt::format("Content-Type: image/jpeg\r\nContent-Length: {}\r\nX-Timestamp: {}\r\n\r\n",
                            image.data.size(), timestamp(times));
    part.pieces.push_back(shared_bytes::adopt(std::move(head)));
    part.pieces.push_back(image.data);
    part.pieces.push_back(separator);
    return part;
}

std::vector<std::byte> encode(const media_head& head) {
    std::vector<std::byte> bytes;
    bytes.reserve(media_head_bytes);
    put(bytes, std::uint8_t{1});
    put(bytes, static_cast<std::uint8_t>(head.payload));
    put(bytes, head.stream);
    put(bytes, head.format);
    put(bytes, head.sequence);
    put(bytes, std::bit_cast<std::uint64_t>(head.times.captured));
    put(bytes, std::bit_cast<std::uint64_t>(head.times.sent));
    return bytes;
}

wire_message media_message(const media_head& head, const shared_bytes& payload) {
    auto bytes = frame_head(ws_opcode::binary, media_head_bytes + payload.size());
    const auto ours = encode(head);
    bytes.insert(bytes.end(), ours.begin(), ours.end());
    wire_message message;
    message.pieces.push_back(shared_bytes::adopt(std::move(bytes)));
    message.pieces.push_back(payload);
    return message;
}

media_head::kind kind_of(sample_format format) {
    return format == sample_format::f32 ? media_head::kind::f32 : media_head::kind::s16;
}

std::uint32_t format_of(const audio_block& block) {
    if (block.rate <= 0 || block.rate >= 1 << 24 || block.channels <= 0 || block.channels > 255) return 0;
    return static_cast<std::uint32_t>(block.rate) | static_cast<std::uint32_t>(block.channels) << 24;
}

std::string endless_wav_header(const audio_block& like) {
    constexpr std::uint32_t no_end = 0xFFFFFFFF;
    const auto frame = static_cast<std::uint16_t>(like.frame_bytes());
    std::vector<std::byte> bytes;
    put_text(bytes, "RIFF");
    put(bytes, no_end);
    put_text(bytes, "WAVEfmt ");
    put(bytes, std::uint32_t{16});
    put(bytes, static_cast<std::uint16_t>(like.format == sample_format::f32 ? 3 : 1));  // WAVE_FORMAT_IEEE_FLOAT, _PCM
    put(bytes, static_cast<std::uint16_t>(like.channels));
    put(bytes, static_cast<std::uint32_t>(like.rate));
    put(bytes, static_cast<std::uint32_t>(like.rate) * frame);
    put(bytes, frame);
    put(bytes, static_cast<std::uint16_t>(8 * bytes_per_sample(like.format)));
    put_text(bytes, "data");
    put(bytes, no_end);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace streamhost::web
