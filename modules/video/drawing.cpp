#include "drawing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace streamhost::video {
namespace {

rectangle clipped(const frame_buffer& picture, const rectangle& area) {
    return {std::max(area.left, 0), std::max(area.top, 0), std::min(area.right, picture.width()),
            std::min(area.bottom, picture.height())};
}

// Draws a shape from the share, 0 to 1, that it covers of each pixel in `area`.
template <class Coverage>
void shade(frame_buffer& picture, const rectangle& area, colour paint, Coverage coverage) {
    const auto inside = clipped(picture, area);
    for (int y = inside.top; y < inside.bottom; ++y)
        for (int x = inside.left; x < inside.right; ++x) {
            const float share = coverage(point{static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F});
            blend(picture, x, y, static_cast<int>(share * 255 + 0.5F), paint);
        }
}

float edge(float inside_by) noexcept { return std::clamp(inside_by + 0.5F, 0.0F, 1.0F); }

float distance(point a, point b) noexcept { return std::sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)); }

}  // namespace

void fill(frame_buffer& picture, const rectangle& area, colour paint) {
    STREAMHOST_ASSERT(picture.format() == pixel_format::bgr8);
    const auto inside = clipped(picture, area);
    if (inside.width() <= 0 || inside.height() <= 0) return;
    const auto offset = static_cast<std::size_t>(inside.left) * 3;
    const auto length = static_cast<std::size_t>(inside.width()) * 3;
    const auto first = picture.row(inside.top).subspan(offset, length);
    const std::array pixel{std::byte{paint.blue}, std::byte{paint.green}, std::byte{paint.red}};
    for (std::size_t i = 0; i < length; i += 3) std::copy(pixel.begin(), pixel.end(), first.begin() + i);
    for (int y = inside.top + 1; y < inside.bottom; ++y)
        std::memcpy(picture.row(y).data() + offset, first.data(), length);
}

void blend(frame_buffer& picture, int x, int y, int coverage, colour paint) {
    if (coverage == 0) return;
    auto* pixel = reinterpret_cast<std::uint8_t*>(picture.row(y).data()) + static_cast<std::size_t>(x) * 3;
    const auto mix = [coverage](std::uint8_t under, std::uint8_t over) {
        return static_cast<std::uint8_t>((under * (255 - coverage) + over * coverage + 127) / 255);
    };
    pixel[0] = mix(pixel[0], paint.blue);
    pixel[1] = mix(pixel[1], paint.green);
    pixel[2] = mix(pixel[2], paint.red);
}

void stroke(frame_buffer& picture, point from, point to, float thickness, colour paint) {
    shade(picture, stroke_area(from, to, thickness), paint,
          [&](point at) { return stroke_coverage(at, from, to, thickness); });
}

void disc(frame_buffer& picture, point centre, float radius, colour paint) {
    shade(picture, stroke_area(centre, centre, 2 * radius), paint,
          [&](point at) { return edge(radius - distance(at, centre)); });
}

void ring(frame_buffer& picture, point centre, float radius, float thickness, colour paint) {
    shade(picture, stroke_area(centre, centre, 2 * radius + thickness), paint,
          [&](point at) { return edge(thickness / 2 - std::abs(radius - distance(at, centre))); });
}

rectangle stroke_area(point from, point to, float thickness) noexcept {
    const float reach = thickness / 2 + 1;
    return {static_cast<int>(std::floor(std::min(from.x, to.x) - reach)),
            static_cast<int>(std::floor(std::min(from.y, to.y) - reach)),
            static_cast<int>(std::ceil(std::max(from.x, to.x) + reach)),
            static_cast<int>(std::ceil(std::max(from.y, to.y) + reach))};
}

float stroke_coverage(point at, point from, point to, float thickness) noexcept {
    const point along{to.x - from.x, to.y - from.y};
    const float length_squared = along.x * along.x + along.y * along.y;
    float share = 0;
    if (length_squared > 0)
        share = std::clamp(((at.x - from.x) * along.x + (at.y - from.y) * along.y) / length_squared, 0.0F, 1.0F);
    return edge(thickness / 2 - distance(at, {from.x + share * along.x, from.y + share * along.y}));
}

}  // namespace streamhost::video
