#include "picture_transform.hpp"

#include "sample_pictures.hpp"

#include <array>
#include <gtest/gtest.h>
#include <vector>

namespace streamhost::video {
namespace {

using test::numbered;
using test::same_pixels;

int at(const video_frame& frame, int x, int y, int channel) {
    const auto offset = frame.row_bytes() * static_cast<std::size_t>(y) +
                        static_cast<std::size_t>(x * bytes_per_pixel(frame.format) + channel);
    return std::to_integer<int>(frame.pixels.span()[offset]);
}

constexpr std::array formats{pixel_format::bgr8, pixel_format::gray8};

template <class Source>
void expect_moved(const video_frame& from, const video_frame& to, Source source) {
    for (int y = 0; y < to.height; ++y)
        for (int x = 0; x < to.width; ++x)
            for (int c = 0; c < bytes_per_pixel(from.format); ++c) {
                const auto [source_x, source_y] = source(x, y);
                ASSERT_EQ(at(to, x, y, c), at(from, source_x, source_y, c)) << x << ", " << y;
            }
}

// Larger than the squares in which the copy works, and no multiple of them.
constexpr int width = 70;
constexpr int height = 45;

TEST(picture_transform, flips) {
    for (const auto format : formats) {
        const auto frame = numbered(width, height, format);
        expect_moved(frame, transform(frame, flip::horizontal, rotation::none),
                     [](int x, int y) { return std::pair(width - 1 - x, y); });
        expect_moved(frame, transform(frame, flip::vertical, rotation::none),
                     [](int x, int y) { return std::pair(x, height - 1 - y); });
        EXPECT_TRUE(same_pixels(transform(frame, flip::both, rotation::none),
                                transform(frame, flip::none, rotation::by_180)));
    }
}

TEST(picture_transform, turns_clockwise) {
    for (const auto format : formats) {
        const auto frame = numbered(width, height, format);
        const auto quarter = transform(frame, flip::none, rotation::by_90);
        EXPECT_EQ(quarter.width, height);
        EXPECT_EQ(quarter.height, width);
        // What was the lower left corner is now the upper left one.
        EXPECT_EQ(at(quarter, 0, 0, 0), at(frame, 0, height - 1, 0));
        expect_moved(frame, quarter, [](int x, int y) { return std::pair(y, height - 1 - x); });
        expect_moved(frame, transform(frame, flip::none, rotation::by_180),
                     [](int x, int y) { return std::pair(width - 1 - x, height - 1 - y); });
        expect_moved(frame, transform(frame, flip::none, rotation::by_270),
                     [](int x, int y) { return std::pair(width - 1 - y, x); });
    }
}

TEST(picture_transform, flips_before_it_turns) {
    const auto frame = numbered(5, 3, pixel_format::bgr8);
    for (const auto flipped : {flip::horizontal, flip::vertical, flip::both})
        for (const auto rotated : {rotation::by_90, rotation::by_180, rotation::by_270})
            EXPECT_TRUE(same_pixels(transform(frame, flipped, rotated),
                                    transform(transform(frame, flipped, rotation::none), flip::none, rotated)));
}

TEST(picture_transform, four_quarters_are_a_whole) {
    const auto frame = numbered(width, height, pixel_format::bgr8);
    auto turned = frame;
    for (int i = 0; i < 4; ++i) turned = transform(turned, flip::none, rotation::by_90);
    EXPECT_TRUE(same_pixels(turned, frame));
}

TEST(picture_transform, copies_nothing_where_nothing_is_to_be_done) {
    const auto frame = numbered(width, height, pixel_format::bgr8);
    EXPECT_EQ(transform(frame, flip::none, rotation::none).pixels.data(), frame.pixels.data());
}

TEST(picture_transform, halves_by_means) {
    const std::vector<unsigned char> pixels{10, 20, 7,  //
                                            30, 41, 9,  //
                                            99, 99, 99};
    const auto gray = half_size({3, 3, pixel_format::gray8, shared_bytes::adopt(pixels)});
    ASSERT_EQ(gray.width, 1);
    ASSERT_EQ(gray.height, 1);
    EXPECT_EQ(at(gray, 0, 0, 0), 25);  // 101 / 4

    const std::vector<unsigned char> colours{0, 100, 200, 4, 104, 204, 8, 108, 208, 12, 112, 212};
    const auto bgr = half_size({2, 2, pixel_format::bgr8, shared_bytes::adopt(colours)});
    EXPECT_EQ(at(bgr, 0, 0, 0), 6);
    EXPECT_EQ(at(bgr, 0, 0, 1), 106);
    EXPECT_EQ(at(bgr, 0, 0, 2), 206);
}

}  // namespace
}  // namespace streamhost::video
