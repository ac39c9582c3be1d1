#include "picture_transform.hpp"

#include "frame_buffer.hpp"

#include <algorithm>
#include <array>

namespace streamhost::video {
namespace {

// Every combination of flips and quarter turns is a walk over the source with a fixed step for each target column and
// each target row, in pixels.
struct walk {
    std::ptrdiff_t start = 0;
    std::ptrdiff_t per_column = 0;
    std::ptrdiff_t per_row = 0;
};

walk walk_of(const video_frame& frame, bool mirrored, bool upside_down, rotation rotated) {
    const std::ptrdiff_t width = frame.width;
    const std::ptrdiff_t height = frame.height;
    // The flipped picture, as a walk: pixel (x, y) is at `start + x * per_column + y * per_row`.
    const walk flipped{.start = (mirrored ? width - 1 : 0) + (upside_down ? (height - 1) * width : 0),
                       .per_column = mirrored ? -1 : 1,
                       .per_row = upside_down ? -width : width};
    const auto right_end = flipped.start + (width - 1) * flipped.per_column;
    const auto bottom_end = flipped.start + (height - 1) * flipped.per_row;
    switch (rotated) {
        case rotation::none: return flipped;
        case rotation::by_90: return {bottom_end, -flipped.per_row, flipped.per_column};
        case rotation::by_180:
            return {bottom_end + (width - 1) * flipped.per_column, -flipped.per_column, -flipped.per_row};
        case rotation::by_270: return {right_end, flipped.per_row, -flipped.per_column};
    }
    return flipped;
}

// In squares, so that a quarter turn, which reads columns, finds their cache lines again.
template <class Pixel>
void copy_walk(const std::byte* source_bytes, frame_buffer& target, const walk& along) {
    constexpr int square = 32;
    const auto* source = reinterpret_cast<const Pixel*>(source_bytes) + along.start;
    for (int top = 0; top < target.height(); top += square) {
        const int bottom = std::min(top + square, target.height());
        for (int left = 0; left < target.width(); left += square) {
            const int right = std::min(left + square, target.width());
            for (int y = top; y < bottom; ++y) {
                auto* to = reinterpret_cast<Pixel*>(target.row(y).data());
                const auto* from = source + y * along.per_row;
                for (int x = left; x < right; ++x) to[x] = from[x * along.per_column];
            }
        }
    }
}

void require_whole(const video_frame& frame) {
    STREAMHOST_ASSERT(frame.width > 0 && frame.height > 0 &&
                      frame.pixels.size() == frame.row_bytes() * static_cast<std::size_t>(frame.height));
}

}  // namespace

video_frame transform(const video_frame& frame, flip flipped, rotation rotated) {
    require_whole(frame);
    if (flipped == flip::none && rotated == rotation::none) return frame;
    const bool mirrored = flipped == flip::horizontal || flipped == flip::both;
    const bool upside_down = flipped == flip::vertical || flipped == flip::both;
    const bool turned = rotated == rotation::by_90 || rotated == rotation::by_270;
    frame_buffer target(turned ? frame.height : frame.width, turned ? frame.width : frame.height, frame.format);
    const auto along = walk_of(frame, mirrored, upside_down, rotated);
    if (frame.format == pixel_format::gray8)
        copy_walk<std::byte>(frame.pixels.data(), target, along);
    else
        copy_walk<std::array<std::byte, 3>>(frame.pixels.data(), target, along);
    return std::move(target).finish();
}

video_frame half_size(const video_frame& frame) {
    require_whole(frame);
    STREAMHOST_ASSERT(frame.width >= 2 && frame.height >= 2);
    frame_buffer target(frame.width / 2, frame.height / 2, frame.format);
    const int channels = bytes_per_pixel(frame.format);
    for (int y = 0; y < target.height(); ++y) {
        const auto* upper = reinterpret_cast<const std::uint8_t*>(frame.pixels.data()) + frame.row_bytes() * 2 * y;
        const auto* lower = upper + frame.row_bytes();
        auto* to = reinterpret_cast<std::uint8_t*>(target.row(y).data());
        for (int x = 0; x < target.width(); ++x, upper += channels, lower += channels)
            for (int c = 0; c < channels; ++c, ++upper, ++lower)
                *to++ = static_cast<std::uint8_t>((upper[0] + upper[channels] + lower[0] + lower[channels] + 2) / 4);
    }
    return std::move(target).finish();
}

}  // namespace streamhost::video
