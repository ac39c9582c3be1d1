#include "overlay.hpp"

#include "bar_code.hpp"
#include "test_pattern.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace streamhost::video {
namespace {

/// How many pixels of an area differ.
int changed(const video_frame& a, const video_frame& b, int left, int top, int right, int bottom) {
    int count = 0;
    for (int y = top; y < bottom; ++y) {
        for (int x = left; x < right; ++x) {
            const auto at = static_cast<std::size_t>(y) * a.row_bytes() + static_cast<std::size_t>(x) * 3;
            count += !std::equal(a.pixels.data() + at, a.pixels.data() + at + 3, b.pixels.data() + at);
        }
    }
    return count;
}

TEST(overlay_test, only_the_corner_changes) {
    for (const auto& [width, height] : {std::pair{640, 480}, std::pair{160, 120}, std::pair{1920, 1080}}) {
        const auto frame = test_pattern(width, height).draw(5, {});
        overlay line;
        const auto drawn = line.drawn(frame, "29.9 fps  12 ms");
        EXPECT_GT(changed(frame, drawn, 0, 0, width, height / 4), 100);
        EXPECT_EQ(changed(frame, drawn, 0, height / 4, width, height), 0);
        EXPECT_EQ(read_bar_code(drawn), 5);
    }
}

TEST(overlay_test, gray_pictures_become_coloured_ones_of_the_same_look) {
    std::vector<std::byte> pixels(100 * 80, std::byte{77});
    const video_frame gray{100, 80, pixel_format::gray8, shared_bytes::adopt(std::move(pixels))};
    overlay line;
    const auto drawn = line.drawn(gray, "29.9 fps");
    ASSERT_EQ(drawn.format, pixel_format::bgr8);
    ASSERT_EQ(drawn.pixels.size(), 100u * 80 * 3);
    EXPECT_EQ(drawn.pixels.span().back(), std::byte{77});
}

TEST(overlay_test, tiny_pictures_stay_as_they_are) {
    const video_frame tiny{8, 8, pixel_format::gray8, shared_bytes::adopt(std::vector<std::byte>(64))};
    overlay line;
    EXPECT_EQ(line.drawn(tiny, "29.9 fps").pixels.data(), tiny.pixels.data());
}

}  // namespace
}  // namespace streamhost::video
