#include "rtp/carriage.hpp"

#include "rtp/rtp_pictures.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace streamhost::video::rtp {
namespace {

using test::byte_vector;
using test::find_marker;
using test::gradient;
using test::jpeg_in_style;
using test::jpeg_style;

carried_picture carried(const byte_vector& jpeg) {
    const auto result = carry(jpeg);
    if (const auto* const why = std::get_if<obstacle>(&result)) {
        ADD_FAILURE() << to_text(*why);
        return {};
    }
    return std::get<carried_picture>(result);
}

obstacle obstacle_of(const byte_vector& jpeg) {
    const auto result = carry(jpeg);
    const auto* const why = std::get_if<obstacle>(&result);
    EXPECT_NE(why, nullptr) << "it can be carried";
    return why == nullptr ? obstacle{255} : *why;
}

byte_vector without_segment(byte_vector jpeg, std::uint8_t code) {
    const auto at = find_marker(jpeg, code);
    const auto length = 2 + (std::to_integer<std::size_t>(jpeg[at + 2]) << 8 | std::to_integer<std::size_t>(jpeg[at + 3]));
    jpeg.erase(jpeg.begin() + static_cast<std::ptrdiff_t>(at), jpeg.begin() + static_cast<std::ptrdiff_t>(at + length));
    return jpeg;
}

byte_vector with_byte(byte_vector jpeg, std::size_t at, int value) {
    jpeg.at(at) = static_cast<std::byte>(value);
    return jpeg;
}

TEST(rtp_carriage, takes_what_both_sides_know_out_of_a_picture) {
    const auto jpeg = jpeg_in_style(gradient(50, 35), jpeg_style::yuv420, 70);
    const auto picture = carried(jpeg);
    EXPECT_EQ(picture.width, 50);
    EXPECT_EQ(picture.height, 35);
    EXPECT_EQ(picture.sampling, carried_sampling::yuv420);
    EXPECT_EQ(picture.restart_interval, 0);
    EXPECT_EQ(picture.tables.luma, tables_of_quality(70).luma);
    EXPECT_EQ(picture.tables.chroma, tables_of_quality(70).chroma);
    EXPECT_EQ(picture.scan.data(), jpeg.data() + find_marker(jpeg, 0xDA) + 14);
    EXPECT_EQ(picture.scan.data() + picture.scan.size(), jpeg.data() + jpeg.size() - 2);
}

TEST(rtp_carriage, knows_4_2_2_and_restart_markers) {
    EXPECT_EQ(carried(jpeg_in_style(gradient(64, 48), jpeg_style::yuv422)).sampling, carried_sampling::yuv422);
    const auto jpeg = jpeg_in_style(gradient(64, 48), jpeg_style::restarts);
    const auto restarts = carried(jpeg);
    EXPECT_EQ(restarts.restart_interval, 4) << "one row of units of 16 pixels";
    const byte_vector first_marker{std::byte{0xFF}, std::byte{0xD0}};
    EXPECT_FALSE(std::ranges::search(restarts.scan, first_marker).empty()) << "the markers travel with the data";
}

TEST(rtp_carriage, takes_pictures_of_cameras_that_leave_out_the_usual_tables) {
    auto jpeg = jpeg_in_style(gradient(64, 48), jpeg_style::yuv422);
    for (int i = 0; i < 4; ++i) jpeg = without_segment(jpeg, 0xC4);
    EXPECT_EQ(carried(jpeg).width, 64);
}

TEST(rtp_carriage, says_what_is_in_the_way) {
    EXPECT_EQ(obstacle_of(test::jpeg_of(gradient(64, 48), 80, test::jpeg_kind::progressive)), obstacle::progressive);
    EXPECT_EQ(obstacle_of(test::jpeg_of(gradient(64, 48, pixel_format::gray8))), obstacle::gray);
    EXPECT_EQ(obstacle_of(jpeg_in_style(gradient(64, 48), jpeg_style::yuv444)), obstacle::sampling);
    EXPECT_EQ(obstacle_of(jpeg_in_style(gradient(64, 48), jpeg_style::optimised)), obstacle::huffman);
    EXPECT_EQ(obstacle_of(test::jpeg_of(gradient(2041, 16))), obstacle::too_large);
    EXPECT_EQ(obstacle_of(test::jpeg_of(gradient(16, 2041))), obstacle::too_large);
    EXPECT_EQ(carried(test::jpeg_of(gradient(2040, 16))).width, 2040);
    EXPECT_EQ(obstacle_of({}), obstacle::damaged);
}

TEST(rtp_carriage, a_picture_of_more_than_2_mib_is_too_long) {
    const auto jpeg = jpeg_in_style(test::noise(1920, 1080), jpeg_style::yuv420, 100);
    ASSERT_GT(jpeg.size(), longest_scan);
    EXPECT_EQ(obstacle_of(jpeg), obstacle::too_long);
}

TEST(rtp_carriage, colours_that_are_no_luma_and_chroma_are_an_obstacle) {
    const auto jpeg = jpeg_in_style(gradient(64, 48), jpeg_style::yuv420);
    auto bare = without_segment(jpeg, 0xE0);
    EXPECT_EQ(carried(bare).width, 64) << "nothing says so";
    const auto frame = find_marker(bare, 0xC0);
    const auto scan = find_marker(bare, 0xDA);
    const char names[] = {'R', 'G', 'B'};
    for (std::size_t i = 0; i < 3; ++i) {
        bare[frame + 10 + 3 * i] = static_cast<std::byte>(names[i]);
        bare[scan + 5 + 2 * i] = static_cast<std::byte>(names[i]);
    }
    EXPECT_EQ(obstacle_of(bare), obstacle::colours);
}

TEST(rtp_carriage, odd_tables_and_scans_are_obstacles) {
    const auto jpeg = jpeg_in_style(gradient(64, 48), jpeg_style::yuv420);
    const auto frame = find_marker(jpeg, 0xC0);
    const auto scan = find_marker(jpeg, 0xDA);
    EXPECT_EQ(obstacle_of(with_byte(jpeg, frame + 18, 0)), obstacle::quantisation) << "each chroma has its own";
    EXPECT_EQ(obstacle_of(with_byte(jpeg, frame + 18, 3)), obstacle::damaged) << "a table that is not there";
    EXPECT_EQ(obstacle_of(with_byte(jpeg, frame + 18, 7)), obstacle::damaged);
    EXPECT_EQ(obstacle_of(with_byte(jpeg, scan + 6, 0x11)), obstacle::huffman) << "the chroma's tables for the luma";
    EXPECT_EQ(obstacle_of(with_byte(jpeg, scan + 6, 0x22)), obstacle::huffman);
    EXPECT_EQ(obstacle_of(with_byte(jpeg, scan + 12, 62)), obstacle::scans) << "not all coefficients";
    EXPECT_EQ(obstacle_of(with_byte(jpeg, scan + 5, 2)), obstacle::scans) << "components in another order";
    const auto table = find_marker(jpeg, 0xDB);
    EXPECT_EQ(obstacle_of(with_byte(jpeg, table + 4, 0x20)), obstacle::damaged);
    EXPECT_EQ(obstacle_of(with_byte(jpeg, table + 4, 0x10)), obstacle::damaged) << "16 bits, for which there are too few";
    const auto huffman = find_marker(jpeg, 0xC4);
    EXPECT_EQ(obstacle_of(with_byte(jpeg, huffman + 5, 255)), obstacle::damaged);
}

}  // namespace
}  // namespace streamhost::video::rtp
