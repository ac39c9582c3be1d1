#include "bar_code.hpp"

#include <cstring>

namespace streamhost::video {
namespace {
constexpr int blocks = 32;
}

void write_bar_code(frame_buffer& picture, std::uint16_t number) {
    STREAMHOST_ASSERT(picture.width() >= 64 && picture.height() >= 64);
    const std::uint32_t code = std::uint32_t{number} << 16 | static_cast<std::uint16_t>(~number);
    const int top = picture.height() * 440 / 480;
    const auto pixel = static_cast<std::size_t>(bytes_per_pixel(picture.format()));
    const auto first = picture.row(top);
    for (int i = 0; i < blocks; ++i) {
        const auto left = static_cast<std::size_t>(picture.width() * i / blocks) * pixel;
        const auto right = static_cast<std::size_t>(picture.width() * (i + 1) / blocks) * pixel;
        std::memset(first.data() + left, code >> (blocks - 1 - i) & 1 ? 255 : 0, right - left);
    }
    for (int y = top + 1; y < picture.height(); ++y) std::memcpy(picture.row(y).data(), first.data(), first.size());
}

std::optional<std::uint16_t> read_bar_code(const video_frame& frame) {
    STREAMHOST_ASSERT(frame.pixels.size() == frame.row_bytes() * static_cast<std::size_t>(frame.height));
    // The middle of each block, over three rows and all channels.
    constexpr int rows = 3;
    const int middle = static_cast<int>(std::int64_t{frame.height} * 460 / 480);
    if (middle < 1 || middle + 1 >= frame.height || frame.width < blocks) return std::nullopt;
    const int channels = bytes_per_pixel(frame.format);
    const auto* pixels = reinterpret_cast<const std::uint8_t*>(frame.pixels.data());
    std::uint32_t code = 0;
    for (int i = 0; i < blocks; ++i) {
        const auto column = static_cast<std::size_t>((2 * i + 1) * std::int64_t{frame.width} / (2 * blocks)) * channels;
        int sum = 0;
        for (int y = middle - 1; y < middle - 1 + rows; ++y)
            for (int c = 0; c < channels; ++c) sum += pixels[frame.row_bytes() * y + column + c];
        code = code << 1 | (sum > 127 * rows * channels ? 1 : 0);
    }
    const auto number = static_cast<std::uint16_t>(code >> 16);
    if (static_cast<std::uint16_t>(~number) != static_cast<std::uint16_t>(code)) return std::nullopt;
    return number;
}

}  // namespace streamhost::video
