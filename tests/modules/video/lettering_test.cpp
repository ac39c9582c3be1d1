#include "lettering.hpp"

#include "sample_pictures.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <string>

namespace streamhost::video {
namespace {

video_frame written(std::string_view line, point where = {4, 4}, float height = 20) {
    frame_buffer picture(200, 40, pixel_format::bgr8);
    fill(picture, {0, 0, 200, 40}, gray_level(0));
    lettering(height).draw(picture, where, line, gray_level(255));
    return std::move(picture).finish();
}

rectangle ink_of(const video_frame& frame) {
    rectangle ink{frame.width, frame.height, 0, 0};
    for (int y = 0; y < frame.height; ++y)
        for (int x = 0; x < frame.width; ++x) {
            const auto blue = frame.pixels.span()[static_cast<std::size_t>(y * frame.width + x) * 3];
            if (std::to_integer<int>(blue) < 128) continue;
            ink.left = std::min(ink.left, x);
            ink.top = std::min(ink.top, y);
            ink.right = std::max(ink.right, x + 1);
            ink.bottom = std::max(ink.bottom, y + 1);
        }
    return ink;
}

TEST(lettering, is_as_large_as_it_says) {
    const auto ink = ink_of(written("H8E"));
    EXPECT_NEAR(ink.top, 4, 1);
    EXPECT_NEAR(ink.left, 4, 1);
    EXPECT_NEAR(ink.height(), 20, 1);
    EXPECT_NEAR(static_cast<float>(ink.width()), lettering(20).width("H8E"), 2);
    EXPECT_NEAR(lettering(20).width("H8E"), 20 * lettering::width_per_height("H8E"), 0.01);
}

TEST(lettering, has_digits_of_equal_width) {
    const lettering letters(30);
    for (const char digit : std::string("0123456789"))
        EXPECT_EQ(letters.width(std::string(3, digit)), letters.width("000"));
}

TEST(lettering, shows_every_character_differently) {
    std::set<std::string> seen;
    // The letter O and the digit 0 share their form.
    const std::string characters = "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZ:.,-+/()'!?%=_#";
    for (const char character : characters) seen.insert(std::string(written({&character, 1}).pixels.as_text()));
    EXPECT_EQ(seen.size(), characters.size());
    EXPECT_FALSE(seen.contains(std::string(written(" ").pixels.as_text())));
}

TEST(lettering, shows_small_letters_as_capitals_and_the_unknown_as_a_box) {
    EXPECT_TRUE(test::same_pixels(written("no signal"), written("NO SIGNAL")));
    EXPECT_TRUE(test::same_pixels(written("\xC3"), written("#")));
}

TEST(lettering, is_cut_off_at_the_edges) {
    for (const point where : {point{-5, -5}, point{190, 30}, point{-1000, 4}, point{4, 1000}, point{1000, -1000}})
        EXPECT_EQ(written("CUT OFF", where).pixels.size(), std::size_t{200 * 40 * 3});
    EXPECT_TRUE(test::same_pixels(written("GONE", {1000, 4}), written("")));
}

}  // namespace
}  // namespace streamhost::video
