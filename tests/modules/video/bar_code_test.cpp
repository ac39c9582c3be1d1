#include "bar_code.hpp"

#include "jpeg_decoder.hpp"
#include "jpeg_encoder.hpp"
#include "picture_transform.hpp"
#include "sample_pictures.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>

namespace streamhost::video {
namespace {

constexpr std::array<std::uint16_t, 10> numbers{0, 1, 2, 0x5555, 0xAAAA, 0x00FF, 0x8000, 0x7FFF, 0x1234, 0xFFFF};

video_frame picture_with(std::uint16_t number, int width, int height, pixel_format format = pixel_format::bgr8) {
    const auto ground = test::gradient(width, height, format);
    frame_buffer picture(width, height, format);
    std::ranges::copy(ground.pixels.span(), picture.data());
    write_bar_code(picture, number);
    return std::move(picture).finish();
}

// The reader of the tutorials' environment, in its own arithmetic.
std::uint32_t tutorial_bits(const video_frame& frame) {
    const int row = static_cast<int>(frame.height * 460 / 480.0);
    std::uint32_t bits = 0;
    for (int i = 0; i < 32; ++i) {
        const int column = static_cast<int>((i + 0.5) * frame.width / 32.0);
        double sum = 0;
        for (int y = row - 1; y < row + 2; ++y)
            for (int c = 0; c < 3; ++c)
                sum += std::to_integer<int>(frame.pixels.data()[frame.row_bytes() * y + 3 * column + c]);
        bits = bits << 1 | (sum / 9 > 127 ? 1U : 0U);
    }
    return bits;
}

TEST(bar_code, reads_every_number_back) {
    frame_buffer picture(64, 64, pixel_format::gray8);
    std::fill_n(picture.data(), picture.size(), std::byte{100});
    for (int number = 0; number <= 0xFFFF; ++number) {
        write_bar_code(picture, static_cast<std::uint16_t>(number));
        frame_buffer copy(64, 64, pixel_format::gray8);
        std::copy_n(picture.data(), picture.size(), copy.data());
        ASSERT_EQ(read_bar_code(std::move(copy).finish()), number);
    }
}

TEST(bar_code, fits_pictures_of_any_size) {
    for (const int width : {64, 65, 99, 160, 333, 640, 1919, 4096})
        for (const int height : {64, 67, 120, 333, 480, 1080})
            for (const auto number : {std::uint16_t{0x1234}, std::uint16_t{0xFFFF}})
                ASSERT_EQ(read_bar_code(picture_with(number, width, height)), number) << width << "x" << height;
}

TEST(bar_code, is_what_the_tutorials_read) {
    for (const int width : {160, 320, 333, 400, 640, 1280})
        for (const auto number : numbers) {
            const auto bits = tutorial_bits(picture_with(number, width, width * 3 / 4));
            EXPECT_EQ(bits >> 16, number);
            EXPECT_EQ(bits & 0xFFFF, 0xFFFFU - number);
        }
}

TEST(bar_code, reads_what_the_tutorials_write) {
    // The clip's generator: 640 x 480, rows 440 to 479, blocks of 20 columns.
    const unsigned number = 0x02A5;
    const unsigned code = number << 16 | (number ^ 0xFFFF);
    frame_buffer picture(640, 480, pixel_format::bgr8);
    std::fill_n(picture.data(), picture.size(), std::byte{90});
    for (int y = 440; y < 480; ++y)
        for (int x = 0; x < 640; ++x)
            std::fill_n(picture.row(y).data() + 3 * x, 3, code >> (31 - x / 20) & 1 ? std::byte{255} : std::byte{0});
    EXPECT_EQ(read_bar_code(std::move(picture).finish()), number);
}

TEST(bar_code, leaves_the_rest_of_the_picture_alone) {
    const auto with = picture_with(0x1234, 640, 480);
    const auto without = test::gradient(640, 480);
    const std::size_t above = std::size_t{440} * 640 * 3;
    EXPECT_TRUE(std::ranges::equal(with.pixels.span().first(above), without.pixels.span().first(above)));
}

TEST(bar_code, survives_compression_and_shrinking) {
    jpeg_encoder encoder;
    jpeg_decoder decoder;
    for (const auto number : numbers) {
        const auto original = picture_with(number, 640, 480);
        const auto compressed = decoder.decode(encoder.encode(original, {.quality = 30}).value().data.span()).value();
        EXPECT_EQ(read_bar_code(compressed), number);
        const auto shrunk = half_size(half_size(compressed));
        ASSERT_EQ(shrunk.width, 160);
        EXPECT_EQ(read_bar_code(shrunk), number);
        const auto again = decoder.decode(encoder.encode(shrunk, {.quality = 30}).value().data.span()).value();
        EXPECT_EQ(read_bar_code(again), number);
    }
}

TEST(bar_code, is_not_found_in_other_pictures) {
    EXPECT_FALSE(read_bar_code(test::gradient(640, 480)));
    EXPECT_FALSE(read_bar_code(test::gradient(31, 480)));
    EXPECT_FALSE(read_bar_code(test::gradient(640, 8)));
    EXPECT_FALSE(read_bar_code(test::gradient(1, 1)));
}

TEST(bar_code, is_not_read_with_a_damaged_block) {
    frame_buffer picture(640, 480, pixel_format::bgr8);
    std::fill_n(picture.data(), picture.size(), std::byte{0});
    write_bar_code(picture, 0);
    for (int y = 440; y < 480; ++y) std::fill_n(picture.row(y).data() + 3 * 5 * 20, 3 * 20, std::byte{255});
    EXPECT_FALSE(read_bar_code(std::move(picture).finish()));
}

}  // namespace
}  // namespace streamhost::video
