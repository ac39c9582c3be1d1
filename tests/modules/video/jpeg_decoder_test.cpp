#include "jpeg_decoder.hpp"

#include "jpeg_header.hpp"
#include "sample_pictures.hpp"

#include <gtest/gtest.h>
#include <random>

namespace streamhost::video {
namespace {

using test::byte_vector;
using test::gradient;
using test::jpeg_of;

TEST(jpeg_decoder, gives_the_picture_back) {
    const auto original = gradient(160, 120);
    jpeg_decoder decoder;
    for (const auto kind : {test::jpeg_kind::baseline, test::jpeg_kind::progressive}) {
        const auto decoded = decoder.decode(jpeg_of(original, 90, kind));
        ASSERT_TRUE(decoded) << decoded.error().message();
        EXPECT_EQ(decoded->width, 160);
        EXPECT_EQ(decoded->height, 120);
        EXPECT_EQ(decoded->format, pixel_format::bgr8);
        EXPECT_GT(test::psnr(original, *decoded), 38);
    }
}

TEST(jpeg_decoder, gives_gray_pictures_as_bgr) {
    const auto original = gradient(64, 48, pixel_format::gray8);
    const auto decoded = jpeg_decoder().decode(jpeg_of(original, 90)).value();
    ASSERT_EQ(decoded.pixels.size(), std::size_t{64 * 48 * 3});
    for (std::size_t i = 0; i < original.pixels.size(); ++i) {
        const auto* pixel = decoded.pixels.data() + 3 * i;
        ASSERT_EQ(pixel[0], pixel[1]);
        ASSERT_EQ(pixel[0], pixel[2]);
        ASSERT_NEAR(std::to_integer<int>(pixel[0]), std::to_integer<int>(original.pixels.data()[i]), 12);
    }
}

TEST(jpeg_decoder, scales_to_what_fits_in_steps_of_an_eighth) {
    jpeg_decoder decoder;
    const auto sides = [&](int width, int height, int largest) {
        const auto frame = decoder.decode_within(test::jpeg_of(test::gradient(width, height)), largest).value();
        return std::pair(frame.width, frame.height);
    };
    EXPECT_EQ(sides(400, 300, 400), std::pair(400, 300));
    EXPECT_EQ(sides(400, 300, 399), std::pair(350, 263));
    EXPECT_EQ(sides(300, 400, 150), std::pair(113, 150));
    EXPECT_EQ(sides(2048, 16, 2040), std::pair(1792, 14));
    EXPECT_EQ(sides(4096, 8, 2040), std::pair(1536, 3));
}

TEST(jpeg_decoder, scales_and_rounds_sides_up) {
    const auto jpeg = jpeg_of(gradient(161, 121), 90);
    jpeg_decoder decoder;
    const auto half = decoder.decode(jpeg, jpeg_scale::half).value();
    EXPECT_EQ(half.width, 81);
    EXPECT_EQ(half.height, 61);
    EXPECT_GT(test::psnr(half, gradient(81, 61)), 30);
    const auto eighth = decoder.decode(jpeg, jpeg_scale::eighth).value();
    EXPECT_EQ(eighth.width, 21);
    EXPECT_EQ(eighth.height, 16);
}

TEST(jpeg_decoder, ignores_what_follows_the_picture) {
    auto jpeg = jpeg_of(gradient(32, 24));
    jpeg_decoder decoder;
    const auto alone = decoder.decode(jpeg).value();
    jpeg.resize(jpeg.size() + 1000, std::byte{0xD8});
    EXPECT_TRUE(test::same_pixels(decoder.decode(jpeg).value(), alone));
}

TEST(jpeg_decoder, refuses_every_beginning) {
    const auto jpeg = jpeg_of(gradient(48, 32));
    jpeg_decoder decoder;
    for (std::size_t length = 0; length < jpeg.size(); ++length)
        ASSERT_FALSE(decoder.decode(std::span(jpeg).first(length))) << length;
    EXPECT_TRUE(decoder.decode(jpeg));
}

TEST(jpeg_decoder, refuses_missing_data_before_a_proper_end) {
    const auto jpeg = jpeg_of(test::noise(64, 64));
    const auto data = test::find_marker(jpeg, 0xDA) + 14;
    jpeg_decoder decoder;
    for (auto length = data; length + 16 < jpeg.size(); length += 7) {
        if (jpeg[length - 1] == std::byte{0xFF}) continue;  // it would take the end marker as its own
        byte_vector shortened(jpeg.begin(), jpeg.begin() + static_cast<std::ptrdiff_t>(length));
        shortened.insert(shortened.end(), {std::byte{0xFF}, std::byte{0xD9}});
        ASSERT_TRUE(scan_jpeg(shortened)) << length;
        ASSERT_EQ(decoder.decode(shortened).error(), errc::malformed) << length;
    }
}

TEST(jpeg_decoder, takes_surplus_bytes_as_webcams_leave_them) {
    auto jpeg = jpeg_of(gradient(32, 24));
    jpeg_decoder decoder;
    const auto clean = decoder.decode(jpeg).value();
    jpeg.insert(jpeg.end() - 2, 7, std::byte{0x12});
    const auto surplus = decoder.decode(jpeg);
    ASSERT_TRUE(surplus) << surplus.error().message();
    EXPECT_TRUE(test::same_pixels(*surplus, clean));
}

TEST(jpeg_decoder, takes_motion_jpeg_without_huffman_tables) {
    auto jpeg = jpeg_of(gradient(32, 24));
    jpeg_decoder decoder;
    const auto clean = decoder.decode(jpeg).value();
    const auto first = test::find_marker(jpeg, 0xC4);
    const auto behind = test::find_marker(jpeg, 0xDA);
    jpeg.erase(jpeg.begin() + static_cast<std::ptrdiff_t>(first), jpeg.begin() + static_cast<std::ptrdiff_t>(behind));
    EXPECT_TRUE(test::same_pixels(decoder.decode(jpeg).value(), clean));
}

TEST(jpeg_decoder, refuses_what_the_header_refuses) {
    jpeg_decoder decoder;
    const auto jpeg = jpeg_of(gradient(32, 24));
    EXPECT_EQ(decoder.decode(test::claiming_size(jpeg, 65500, 16000)).error(), errc::too_large);
    EXPECT_EQ(decoder.decode(test::with_scans(1000)).error(), errc::too_large);
    EXPECT_EQ(decoder.decode({}).error(), errc::truncated);
}

TEST(jpeg_decoder, refuses_a_large_claim_without_data) {
    const auto jpeg = test::claiming_size(jpeg_of(gradient(32, 24)), 4096, 2172);
    EXPECT_EQ(jpeg_decoder().decode(jpeg).error(), errc::malformed);
}

TEST(jpeg_decoder, survives_mutations_and_stays_usable) {
    std::mt19937 random(20240229);
    jpeg_decoder decoder;
    for (const auto kind : {test::jpeg_kind::baseline, test::jpeg_kind::progressive}) {
        const auto good = jpeg_of(gradient(40, 24), 70, kind);
        const auto expected = decoder.decode(good).value();
        for (int round = 0; round < 5000; ++round) {
            auto bad = good;
            for (auto changes = 1 + random() % 6; changes > 0; --changes)
                bad[random() % bad.size()] = static_cast<std::byte>(random());
            const auto decoded = decoder.decode(bad);
            if (!decoded) continue;
            const auto info = scan_jpeg(bad).value();
            ASSERT_EQ(decoded->width, info.width);
            ASSERT_EQ(decoded->height, info.height);
        }
        EXPECT_TRUE(test::same_pixels(decoder.decode(good).value(), expected));
    }
}

}  // namespace
}  // namespace streamhost::video
