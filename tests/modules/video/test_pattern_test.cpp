#include "test_pattern.hpp"

#include "bar_code.hpp"
#include "jpeg_decoder.hpp"
#include "jpeg_encoder.hpp"
#include "sample_pictures.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using test::same_pixels;

constexpr auto noon = std::chrono::milliseconds(12h);

colour pixel(const video_frame& frame, int x, int y) {
    const auto at = frame.pixels.span().subspan((static_cast<std::size_t>(y) * frame.width + x) * 3, 3);
    return {std::to_integer<std::uint8_t>(at[0]), std::to_integer<std::uint8_t>(at[1]),
            std::to_integer<std::uint8_t>(at[2])};
}

// The middle of what is orange in a band of rows, in columns.
double orange_middle(const video_frame& frame, int top, int bottom) {
    double sum = 0;
    double weight = 0;
    for (int y = top; y < bottom; ++y)
        for (int x = 0; x < frame.width; ++x) {
            const auto [blue, green, red] = pixel(frame, x, y);
            const double orange = std::max(0, red - blue - 40);
            sum += orange * (x + 0.5);
            weight += orange;
        }
    return sum / weight;
}

TEST(test_pattern, is_the_same_for_the_same_number_and_time) {
    const test_pattern pattern(320, 240);
    const auto frame = pattern.draw(41, noon);
    EXPECT_TRUE(same_pixels(frame, pattern.draw(41, noon)));
    EXPECT_TRUE(same_pixels(frame, test_pattern(320, 240).draw(41, noon)));
    EXPECT_FALSE(same_pixels(frame, pattern.draw(42, noon)));
    EXPECT_FALSE(same_pixels(frame, pattern.draw(41, noon + 1ms)));
}

TEST(test_pattern, can_be_read_at_any_size) {
    for (const auto& [width, height] : {std::pair(64, 64), {64, 4096}, {4096, 64}, {65, 71}, {160, 120}, {240, 180},
                                       {640, 480}, {480, 640}, {1281, 719}}) {
        const auto frame = test_pattern(width, height).draw(70'000, noon);
        EXPECT_EQ(frame.width, width);
        EXPECT_EQ(frame.height, height);
        EXPECT_EQ(frame.pixels.size(), static_cast<std::size_t>(width) * height * 3);
        EXPECT_EQ(read_bar_code(frame), 70'000 - 65'536) << width << "x" << height;
    }
}

TEST(test_pattern, carries_its_number_through_jpeg) {
    const test_pattern pattern(640, 480);
    jpeg_encoder encoder;
    jpeg_decoder decoder;
    for (std::uint64_t number = 0; number < 3000; number += 97) {
        const auto image = encoder.encode(pattern.draw(number, noon), {.quality = 30}).value();
        EXPECT_EQ(read_bar_code(decoder.decode(image.data.span()).value()), number);
    }
}

TEST(test_pattern, shows_the_bars_in_order) {
    const auto frame = test_pattern(700, 480).draw(0, noon);
    const std::vector<std::string> expected{"bgr", "gr", "bg", "g", "br", "r", "b"};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto seen = pixel(frame, static_cast<int>(i) * 100 + 50, 5);
        std::string name;
        if (seen.blue > 100) name += 'b';
        if (seen.green > 100) name += 'g';
        if (seen.red > 100) name += 'r';
        EXPECT_EQ(name, expected[i]);
    }
}

TEST(test_pattern, moves_its_dot_by_the_same_distance_each_frame) {
    const test_pattern pattern(640, 480);
    std::vector<double> places;
    for (std::uint64_t number = 0; number <= 180; ++number)
        places.push_back(orange_middle(pattern.draw(number, noon), 290, 310));
    const double step = (places[90] - places[0]) / 90;
    EXPECT_GT(step, 3);
    for (std::size_t i = 1; i <= 90; ++i) ASSERT_NEAR(places[i] - places[i - 1], step, 0.5) << i;
    for (std::size_t i = 91; i <= 180; ++i) ASSERT_NEAR(places[i - 1] - places[i], step, 0.5) << i;
}

TEST(test_pattern, turns_its_hand_once_a_second) {
    const test_pattern pattern(640, 480);
    const auto at_quarter = pattern.draw(0, noon + 250ms);
    const auto at_half = pattern.draw(0, noon + 500ms);
    const auto is_orange = [](colour c) { return c.red > 200 && c.blue < 100; };
    EXPECT_TRUE(is_orange(pixel(at_quarter, 320 + 60, 144)));
    EXPECT_FALSE(is_orange(pixel(at_quarter, 320, 144 + 60)));
    EXPECT_TRUE(is_orange(pixel(at_half, 320, 144 + 60)));
    EXPECT_FALSE(is_orange(pixel(at_half, 320 + 60, 144)));
}

TEST(test_pattern, takes_any_time_and_number) {
    const test_pattern pattern(320, 240);
    EXPECT_TRUE(same_pixels(pattern.draw(7, -1ms), pattern.draw(7, 0ms)));
    EXPECT_TRUE(same_pixels(pattern.draw(7, noon + 24h), pattern.draw(7, noon)));
    EXPECT_EQ(read_bar_code(pattern.draw(~std::uint64_t{0}, std::chrono::milliseconds::max())), 0xFFFF);
}

// Pixels that are not the ground, in the columns from `left` to `right`.
int marks(const video_frame& frame, int left, int right) {
    int count = 0;
    for (int y = 0; y < frame.height; ++y)
        for (int x = left; x < right; ++x)
            if (std::abs(pixel(frame, x, y).green - 58) > 20) ++count;
    return count;
}

TEST(no_signal, is_gray_with_its_caption_in_the_middle) {
    const auto frame = no_signal_frame(640, 480);
    const int all = marks(frame, 0, 640);
    EXPECT_GT(all, 2000);
    EXPECT_LT(all, 640 * 480 / 10);
    EXPECT_EQ(marks(frame, 0, 40), 0);
    EXPECT_EQ(marks(frame, 600, 640), 0);
    EXPECT_EQ(orange_middle(frame, 0, 480), 320);
}

TEST(no_signal, fits_any_caption_and_size) {
    const std::string long_line(80, 'W');
    for (const auto& caption : {long_line, "NO SIGNAL\n" + long_line, std::string(), std::string("\n\n\n")})
        for (const auto& [width, height] : {std::pair(64, 64), {640, 480}, {4096, 64}, {64, 4096}}) {
            const auto frame = no_signal_frame(width, height, caption);
            EXPECT_EQ(marks(frame, 0, width / 20), 0);
            EXPECT_EQ(marks(frame, width - width / 20, width), 0);
        }
}

TEST(no_signal, shows_what_it_is_told) {
    const auto plain = no_signal_frame(320, 240);
    EXPECT_TRUE(same_pixels(plain, no_signal_frame(320, 240, "NO SIGNAL")));
    EXPECT_FALSE(same_pixels(plain, no_signal_frame(320, 240, "NO CAMERA")));
    EXPECT_FALSE(same_pixels(plain, no_signal_frame(320, 240, "NO SIGNAL\n/dev/video0")));
}

}  // namespace
}  // namespace streamhost::video
