#include "jpeg_header.hpp"

#include "sample_pictures.hpp"

#include <gtest/gtest.h>

namespace streamhost::video {
namespace {

using test::byte_vector;
using test::claiming_size;
using test::find_marker;
using test::gradient;
using test::jpeg_of;

static_assert(noexcept(scan_jpeg({})), "refusing a hostile picture may not need memory");

const byte_vector& small_jpeg() {
    static const auto jpeg = jpeg_of(gradient(48, 32));
    return jpeg;
}

byte_vector with_byte(byte_vector jpeg, std::size_t at, int value) {
    jpeg.at(at) = static_cast<std::byte>(value);
    return jpeg;
}

byte_vector with_inserted(byte_vector jpeg, std::size_t at, std::initializer_list<int> values) {
    for (const int value : values)
        jpeg.insert(jpeg.begin() + static_cast<std::ptrdiff_t>(at++), static_cast<std::byte>(value));
    return jpeg;
}

TEST(jpeg_header, tells_what_a_picture_is) {
    const auto info = scan_jpeg(small_jpeg());
    ASSERT_TRUE(info) << info.error().message();
    EXPECT_EQ(info->width, 48);
    EXPECT_EQ(info->height, 32);
    EXPECT_EQ(info->components, 3);
    EXPECT_EQ(info->sampling, jpeg_sampling::yuv420);
    EXPECT_FALSE(info->progressive);
    EXPECT_EQ(info->scans, 1);
    EXPECT_EQ(info->bytes, small_jpeg().size());
}

TEST(jpeg_header, tells_gray_and_progressive) {
    const auto gray = scan_jpeg(jpeg_of(gradient(20, 10, pixel_format::gray8)));
    ASSERT_TRUE(gray);
    EXPECT_EQ(gray->components, 1);
    EXPECT_EQ(gray->sampling, jpeg_sampling::gray);

    const auto progressive = scan_jpeg(jpeg_of(gradient(20, 10), 80, test::jpeg_kind::progressive));
    ASSERT_TRUE(progressive);
    EXPECT_TRUE(progressive->progressive);
    EXPECT_GT(progressive->scans, 1);
}

TEST(jpeg_header, tells_the_sampling_apart) {
    const auto first_factors = find_marker(small_jpeg(), 0xC0) + 11;
    const auto sampling = [&](int factors) {
        return scan_jpeg(with_byte(small_jpeg(), first_factors, factors)).value().sampling;
    };
    EXPECT_EQ(sampling(0x11), jpeg_sampling::yuv444);
    EXPECT_EQ(sampling(0x12), jpeg_sampling::yuv440);
    EXPECT_EQ(sampling(0x21), jpeg_sampling::yuv422);
    EXPECT_EQ(sampling(0x41), jpeg_sampling::yuv411);
    EXPECT_EQ(sampling(0x44), jpeg_sampling::other);
}

TEST(jpeg_header, ends_at_the_first_picture) {
    auto two = small_jpeg();
    two.insert(two.end(), small_jpeg().begin(), small_jpeg().end());
    EXPECT_EQ(scan_jpeg(two).value().bytes, small_jpeg().size());
}

TEST(jpeg_header, tells_where_the_compressed_data_lies) {
    const auto behind_scan_header = find_marker(small_jpeg(), 0xDA) + 14;
    const auto info = scan_jpeg(with_inserted(small_jpeg(), small_jpeg().size() - 2, {0xFF, 0xFF, 0xFF}));
    ASSERT_TRUE(info);
    EXPECT_EQ(info->scan_at, behind_scan_header);
    EXPECT_EQ(info->scan_at + info->scan_bytes, small_jpeg().size() - 2) << "without the fill bytes";
}

TEST(jpeg_header, takes_restart_markers_and_fill_bytes) {
    const auto before_end = small_jpeg().size() - 2;
    EXPECT_TRUE(scan_jpeg(with_inserted(small_jpeg(), before_end, {0xFF, 0xD0, 0x12, 0xFF, 0x00, 0xFF, 0xFF})));
    EXPECT_TRUE(scan_jpeg(with_inserted(small_jpeg(), 2, {0xFF, 0xFF, 0xFF})));
}

struct claim {
    int width;
    int height;
};

class jpeg_too_large : public testing::TestWithParam<claim> {};

TEST_P(jpeg_too_large, is_refused_where_it_says_so) {
    const auto jpeg = claiming_size(small_jpeg(), GetParam().width, GetParam().height);
    EXPECT_EQ(scan_jpeg(jpeg).error(), errc::too_large);
    // Nothing behind the frame header is looked at.
    const auto behind_frame_header = find_marker(jpeg, 0xC0) + 2 + 17;
    EXPECT_EQ(scan_jpeg(std::span(jpeg).first(behind_frame_header)).error(), errc::too_large);
}

INSTANTIATE_TEST_SUITE_P(claims, jpeg_too_large,
                         testing::Values(claim{65500, 16000}, claim{30000, 30000}, claim{65535, 65535}, claim{4097, 8},
                                         claim{8, 4097}, claim{4096, 4096}, claim{4096, 2173}));

TEST(jpeg_header, takes_the_largest_picture) {
    EXPECT_TRUE(scan_jpeg(claiming_size(small_jpeg(), 4096, 2172)));
    EXPECT_TRUE(scan_jpeg(claiming_size(small_jpeg(), 4096, 1)));
    EXPECT_TRUE(scan_jpeg(claiming_size(small_jpeg(), 1, 4096)));
}

TEST(jpeg_header, counts_scans) {
    EXPECT_EQ(scan_jpeg(test::with_scans(100)).value().scans, 100);
    EXPECT_EQ(scan_jpeg(test::with_scans(101)).error(), errc::too_large);
    EXPECT_EQ(scan_jpeg(test::with_scans(1000)).error(), errc::too_large);
}

TEST(jpeg_header, every_beginning_is_truncated) {
    for (std::size_t length = 0; length < small_jpeg().size(); ++length)
        ASSERT_EQ(scan_jpeg(std::span(small_jpeg()).first(length)).error(), errc::truncated) << length;
}

TEST(jpeg_header, refuses_other_processes) {
    const auto frame_header = find_marker(small_jpeg(), 0xC0);
    for (const int code : {0xC3, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF, 0xDC, 0xDE, 0xDF})
        EXPECT_EQ(scan_jpeg(with_byte(small_jpeg(), frame_header + 1, code)).error(), errc::unsupported) << code;
    EXPECT_TRUE(scan_jpeg(with_byte(small_jpeg(), frame_header + 1, 0xC1)));
    EXPECT_EQ(scan_jpeg(with_byte(small_jpeg(), frame_header + 4, 12)).error(), errc::unsupported);
    EXPECT_EQ(scan_jpeg(claiming_size(small_jpeg(), 48, 0)).error(), errc::unsupported);
}

TEST(jpeg_header, refuses_four_components) {
    auto jpeg = with_byte(small_jpeg(), find_marker(small_jpeg(), 0xC0) + 3, 20);
    const auto frame_header = find_marker(jpeg, 0xC0);
    jpeg = with_byte(jpeg, frame_header + 9, 4);
    EXPECT_EQ(scan_jpeg(with_inserted(jpeg, frame_header + 19, {4, 0x11, 0})).error(), errc::unsupported);
}

TEST(jpeg_header, refuses_broken_markers) {
    const auto& good = small_jpeg();
    const auto frame_header = find_marker(good, 0xC0);
    const auto scan_header = find_marker(good, 0xDA);
    const std::vector<std::pair<const char*, byte_vector>> broken{
        {"not a JPEG", with_byte(good, 1, 0xD9)},
        {"a byte between segments", with_inserted(good, 2, {0x00})},
        {"a segment shorter than its length field", with_byte(with_byte(good, 4, 0), 5, 1)},
        {"a second start", with_inserted(good, 2, {0xFF, 0xD8})},
        {"a restart outside of a scan", with_inserted(good, 2, {0xFF, 0xD3})},
        {"a reserved marker", with_inserted(good, 2, {0xFF, 0x02, 0x00, 0x02})},
        {"an end before any scan", with_inserted(good, 2, {0xFF, 0xD9})},
        {"a frame header of the wrong length", with_byte(good, frame_header + 9, 2)},
        {"no component", with_byte(good, frame_header + 9, 0)},
        {"no width", claiming_size(good, 0, 32)},
        {"a sampling factor of 0", with_byte(good, frame_header + 11, 0x02)},
        {"a sampling factor of 5", with_byte(good, frame_header + 11, 0x15)},
        {"a scan of no component", with_byte(good, scan_header + 4, 0)},
        {"a scan of more components than there are", with_byte(good, scan_header + 4, 4)},
        {"a scan header of the wrong length", with_byte(good, scan_header + 4, 1)},
        {"a scan before the frame header", with_byte(good, frame_header + 1, 0xFE)},
        {"two frame headers", with_byte(good, find_marker(good, 0xC4) + 1, 0xC0)},
    };
    for (const auto& [what, jpeg] : broken) EXPECT_EQ(scan_jpeg(jpeg).error(), errc::malformed) << what;
}

}  // namespace
}  // namespace streamhost::video
