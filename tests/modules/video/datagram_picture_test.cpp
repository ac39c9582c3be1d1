#include "datagram_picture.hpp"

#include "jpeg_header.hpp"
#include "sample_pictures.hpp"

#include <streamhost/wire/base64.hpp>
#include <streamhost/wire/base64_jpeg.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace streamhost::video {
namespace {

encoded_image image_of(const video_frame& frame, int quality = 80) {
    return {frame.width, frame.height, image_codec::jpeg, shared_bytes::adopt(test::jpeg_of(frame, quality))};
}

TEST(datagram_picture_test, a_picture_comes_out_of_its_datagram_with_its_sides) {
    const auto image = image_of(test::gradient(40, 30));
    const auto datagram = base64_jpeg::encode(image.data.span());
    const auto again = picture_in(datagram->span());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->width, 40);
    EXPECT_EQ(again->height, 30);
    EXPECT_TRUE(std::ranges::equal(again->data.span(), image.data.span()));
}

TEST(datagram_picture_test, what_follows_the_picture_is_left_out) {
    auto jpeg = test::jpeg_of(test::gradient(40, 30));
    const auto size = jpeg.size();
    jpeg.insert(jpeg.end(), 100, std::byte{1});
    const auto datagram = base64_jpeg::encode(jpeg);
    EXPECT_EQ(picture_in(datagram->span())->data.size(), size);
}

TEST(datagram_picture_test, a_picture_that_would_cost_too_much_is_refused_before_it_costs_anything) {
    const auto bomb = test::claiming_size(test::jpeg_of(test::gradient(40, 30)), 65'500, 16'000);
    const auto datagram = base64_jpeg::encode(bomb);
    EXPECT_EQ(picture_in(datagram->span()).error(), errc::too_large);
}

TEST(datagram_picture_test, what_is_no_picture_is_refused) {
    auto jpeg = test::jpeg_of(test::gradient(40, 30));
    EXPECT_EQ(picture_in(jpeg).error(), errc::malformed) << "no base64";
    jpeg.resize(jpeg.size() / 2);
    EXPECT_EQ(picture_in(base64::encode(jpeg).span()).error(), errc::truncated);
    EXPECT_EQ(picture_in({}).error(), errc::malformed);
}

TEST(datagram_picture_test, one_that_fits_stays_as_it_is) {
    datagram_fitter fitter;
    const auto image = image_of(test::gradient(400, 300));
    EXPECT_TRUE(fits_datagram(image));
    const auto same = fitter.fit(image);
    EXPECT_EQ(same->data.data(), image.data.data());
}

TEST(datagram_picture_test, one_that_does_not_fit_becomes_smaller_and_shows_the_same) {
    datagram_fitter fitter;
    const auto noise = image_of(test::noise(1920, 1080), 95);
    ASSERT_FALSE(fits_datagram(noise));
    const auto smaller = fitter.fit(noise);
    ASSERT_TRUE(smaller);
    EXPECT_TRUE(fits_datagram(*smaller));
    EXPECT_GT(smaller->data.size(), base64_jpeg::largest_jpeg / 2) << "no smaller than need be";
    EXPECT_TRUE(scan_jpeg(smaller->data.span()));

    const auto calm = image_of(test::gradient(1920, 1080), 100);
    ASSERT_FALSE(fits_datagram(calm));
    const auto coarser = fitter.fit(calm);
    ASSERT_TRUE(coarser);
    EXPECT_EQ(coarser->width, 1920) << "less quality was enough";
}

TEST(datagram_picture_test, one_that_does_not_fit_and_is_damaged_is_an_error) {
    datagram_fitter fitter;
    auto jpeg = test::jpeg_of(test::noise(1920, 1080), 95);
    std::fill(jpeg.begin() + static_cast<std::ptrdiff_t>(jpeg.size() / 2), jpeg.end() - 2, std::byte{0});
    jpeg.resize(jpeg.size() - 2);
    EXPECT_FALSE(fitter.fit({1920, 1080, image_codec::jpeg, shared_bytes::adopt(std::move(jpeg))}));
}

}  // namespace
}  // namespace streamhost::video
