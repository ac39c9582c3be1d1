#include "jpeg_encoder.hpp"

#include "jpeg_decoder.hpp"
#include "jpeg_header.hpp"
#include "sample_pictures.hpp"
#include "test_pattern.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace streamhost::video {
namespace {

using test::gradient;
using test::noise;

TEST(jpeg_encoder, keeps_the_picture) {
    jpeg_encoder encoder;
    jpeg_decoder decoder;
    const auto smooth = gradient(320, 240);
    EXPECT_GT(test::psnr(smooth, decoder.decode(encoder.encode(smooth, {}).value().data.span()).value()), 38);
    const auto pattern = test_pattern(640, 480).draw(77, std::chrono::hours(9));
    EXPECT_GT(test::psnr(pattern, decoder.decode(encoder.encode(pattern, {}).value().data.span()).value()), 28);
}

TEST(jpeg_encoder, says_what_its_header_says) {
    const auto image = jpeg_encoder().encode(gradient(101, 51), {.quality = 80}).value();
    EXPECT_EQ(image.width, 101);
    EXPECT_EQ(image.height, 51);
    EXPECT_EQ(image.codec, image_codec::jpeg);
    const auto info = scan_jpeg(image.data.span()).value();
    EXPECT_EQ(info.width, 101);
    EXPECT_EQ(info.height, 51);
    EXPECT_EQ(info.sampling, jpeg_sampling::yuv420);
    EXPECT_FALSE(info.progressive);
    EXPECT_EQ(info.bytes, image.data.size());
}

TEST(jpeg_encoder, encodes_gray_as_gray) {
    const auto original = gradient(64, 48, pixel_format::gray8);
    const auto image = jpeg_encoder().encode(original, {.quality = 90}).value();
    EXPECT_EQ(scan_jpeg(image.data.span()).value().sampling, jpeg_sampling::gray);
}

TEST(jpeg_encoder, keeps_earlier_pictures_untouched) {
    jpeg_encoder encoder;
    const auto first = encoder.encode(gradient(64, 48), {}).value();
    const test::byte_vector copy(first.data.span().begin(), first.data.span().end());
    ASSERT_TRUE(encoder.encode(noise(640, 480), {}));
    EXPECT_TRUE(std::ranges::equal(copy, first.data.span()));
}

TEST(jpeg_encoder, finds_the_best_quality_that_fits) {
    const auto frame = noise(160, 120);
    for (const std::size_t limit : {4'000, 8'000, 12'000, 16'000, 24'000}) {
        std::size_t best = 0;
        jpeg_encoder unlimited;
        for (int quality = 5; quality <= 90; ++quality) {
            const auto size = unlimited.encode(frame, {.quality = quality}).value().data.size();
            if (size <= limit) best = size;
        }
        ASSERT_GT(best, 0U) << limit;
        jpeg_encoder encoder;
        // The first search knows nothing; the later ones start from what the earlier ones found.
        for (int round = 0; round < 3; ++round) {
            const auto image = encoder.encode(frame, {.quality = 90, .max_bytes = limit}).value();
            EXPECT_EQ(image.data.size(), best) << limit << ", round " << round;
            EXPECT_EQ(image.width, 160);
        }
    }
}

TEST(jpeg_encoder, follows_the_stream_up_and_down) {
    jpeg_encoder encoder;
    jpeg_encoder unlimited;
    const jpeg_encode_options options{.quality = 90, .max_bytes = 20'000};
    const auto easy = gradient(160, 120);
    const auto hard = noise(160, 120);
    const auto easy_size = unlimited.encode(easy, {.quality = 90}).value().data.size();
    ASSERT_LT(easy_size, options.max_bytes);
    for (int round = 0; round < 3; ++round) {
        EXPECT_LE(encoder.encode(hard, options).value().data.size(), options.max_bytes);
        EXPECT_EQ(encoder.encode(easy, options).value().data.size(), easy_size);
    }
}

TEST(jpeg_encoder, never_exceeds_a_datagram) {
    jpeg_encoder encoder;
    jpeg_decoder decoder;
    const jpeg_encode_options options{.quality = 95, .max_bytes = 49'128};
    for (std::uint32_t seed = 0; seed < 3; ++seed) {
        const auto image = encoder.encode(noise(1920, 1080, seed), options).value();
        EXPECT_LE(image.data.size(), options.max_bytes);
        const auto decoded = decoder.decode(image.data.span()).value();
        EXPECT_EQ(decoded.width, image.width);
        EXPECT_EQ(decoded.height, image.height);
    }
}

TEST(jpeg_encoder, halves_what_does_not_fit_at_the_lowest_quality) {
    jpeg_encoder encoder;
    const auto frame = noise(640, 480);
    const auto lowest = encoder.encode(frame, {.quality = 5}).value().data.size();
    const auto image = encoder.encode(frame, {.quality = 80, .max_bytes = lowest - 1}).value();
    EXPECT_EQ(image.width, 320);
    EXPECT_EQ(image.height, 240);
    EXPECT_LT(image.data.size(), lowest);
    // And comes back to the full size as soon as that fits.
    EXPECT_EQ(encoder.encode(frame, {.quality = 80, .max_bytes = lowest}).value().width, 640);
}

TEST(jpeg_encoder, refuses_a_limit_that_holds_no_picture) {
    EXPECT_EQ(jpeg_encoder().encode(gradient(640, 480), {.quality = 80, .max_bytes = 100}).error(), errc::too_large);
}

TEST(jpeg_encoder, refuses_what_no_decoder_of_ours_takes) {
    EXPECT_EQ(jpeg_encoder().encode(gradient(4097, 16), {}).error(), errc::too_large);
    EXPECT_EQ(jpeg_encoder().encode(gradient(4096, 2173), {}).error(), errc::too_large);
    EXPECT_TRUE(jpeg_encoder().encode(gradient(4096, 16), {}));
}

TEST(jpeg_encoder, takes_the_smallest_picture) {
    const auto image = jpeg_encoder().encode(gradient(1, 1), {.quality = 80, .max_bytes = 2000}).value();
    EXPECT_EQ(scan_jpeg(image.data.span()).value().width, 1);
}

}  // namespace
}  // namespace streamhost::video
