#include "stamp_bar.hpp"

#include <cstring>

namespace streamhost::test {
namespace {

constexpr int blocks = 32;

std::uint32_t stamp_of(std::int64_t steady_ns) { return static_cast<std::uint32_t>(steady_ns / 100'000); }

}  // namespace

void write_stamp_bar(video::frame_buffer& picture, std::int64_t steady_ns) {
    const auto stamp = stamp_of(steady_ns);
    const auto pixel = static_cast<std::size_t>(bytes_per_pixel(picture.format()));
    for (int y = picture.height() * 400 / 480; y < picture.height() * 440 / 480; ++y) {
        for (int i = 0; i < blocks; ++i) {
            const auto left = static_cast<std::size_t>(picture.width() * i / blocks) * pixel;
            const auto right = static_cast<std::size_t>(picture.width() * (i + 1) / blocks) * pixel;
            std::memset(picture.row(y).data() + left, stamp >> (blocks - 1 - i) & 1 ? 255 : 0, right - left);
        }
    }
}

std::int64_t age_by_stamp_bar(const video_frame& frame, std::int64_t steady_ns) {
    const auto pixel = static_cast<std::size_t>(bytes_per_pixel(frame.format));
    const auto row = frame.row_bytes() * static_cast<std::size_t>(frame.height * 420 / 480);
    std::uint32_t stamp = 0;
    for (int i = 0; i < blocks; ++i) {
        const auto middle = static_cast<std::size_t>(frame.width * (2 * i + 1) / (2 * blocks));
        const auto value = std::to_integer<int>(frame.pixels.data()[row + middle * pixel]);
        stamp = stamp << 1 | (value > 127 ? 1U : 0U);
    }
    return std::int64_t{stamp_of(steady_ns) - stamp} * 100;
}

}  // namespace streamhost::test
