#include "rtp/jpeg_tables.hpp"

#include "rtp/rtp_pictures.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace streamhost::video::rtp {
namespace {

using test::byte_vector;

/// The contents of all segments of one kind, behind each other.
byte_vector segments(const byte_vector& jpeg, int code) {
    byte_vector all;
    for (std::size_t at = 2; jpeg[at + 1] != std::byte{0xDA};) {
        const auto length = std::to_integer<std::size_t>(jpeg[at + 2]) << 8 | std::to_integer<std::size_t>(jpeg[at + 3]);
        const auto from = jpeg.begin() + static_cast<std::ptrdiff_t>(at + 4);
        if (jpeg[at + 1] == static_cast<std::byte>(code))
            all.insert(all.end(), from, from + static_cast<std::ptrdiff_t>(length - 2));
        at += 2 + length;
    }
    return all;
}

TEST(rtp_jpeg_tables, of_every_quality_are_those_of_the_library) {
    for (int quality = 1; quality <= 99; ++quality) {
        const auto written = segments(test::jpeg_of(test::gradient(16, 16), quality), 0xDB);
        ASSERT_EQ(written.size(), 130u);
        const auto tables = tables_of_quality(quality);
        EXPECT_TRUE(std::ranges::equal(tables.luma, std::span(written).subspan(1, 64))) << quality;
        EXPECT_TRUE(std::ranges::equal(tables.chroma, std::span(written).subspan(66, 64))) << quality;
    }
}

TEST(rtp_jpeg_tables, the_huffman_tables_are_those_of_the_library) {
    byte_vector expected;
    const auto add = [&](int head, std::span<const std::byte> table) {
        expected.push_back(static_cast<std::byte>(head));
        expected.insert(expected.end(), table.begin(), table.end());
    };
    add(0x00, standard_luma_huffman().dc);
    add(0x10, standard_luma_huffman().ac);
    add(0x01, standard_chroma_huffman().dc);
    add(0x11, standard_chroma_huffman().ac);
    EXPECT_EQ(segments(test::jpeg_of(test::gradient(16, 16)), 0xC4), expected);
}

}  // namespace
}  // namespace streamhost::video::rtp
