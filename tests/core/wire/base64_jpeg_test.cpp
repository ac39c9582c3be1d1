#include <streamhost/wire/base64_jpeg.hpp>

#include <streamhost/wire/base64.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace streamhost {
namespace {

using base64_jpeg::request;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(base64_jpeg_test, the_largest_picture_fills_the_largest_datagram) {
    EXPECT_EQ(base64_jpeg::largest_jpeg, 49'128u);
    const std::vector<std::byte> largest(base64_jpeg::largest_jpeg);
    const auto datagram = base64_jpeg::encode(largest);
    ASSERT_TRUE(datagram);
    EXPECT_LE(datagram->size(), base64_jpeg::largest_datagram);
    EXPECT_GT(datagram->size() + 4, base64_jpeg::largest_datagram);
    const std::vector<std::byte> larger(base64_jpeg::largest_jpeg + 1);
    EXPECT_EQ(base64_jpeg::encode(larger).error(), errc::too_large);
}

TEST(base64_jpeg_test, a_datagram_begins_as_those_of_the_tutorials) {
    const auto datagram = base64_jpeg::encode(bytes_of("\xFF\xD8\xFF\xE0"));
    EXPECT_EQ(datagram->as_text(), "/9j/4A==");
    const auto jpeg = base64_jpeg::decode(datagram->span());
    ASSERT_TRUE(jpeg);
    EXPECT_EQ(jpeg->as_text(), "\xFF\xD8\xFF\xE0");
}

TEST(base64_jpeg_test, what_is_no_picture_is_refused) {
    for (const std::string_view text : {"", "Hello", "/9j/4A=", "/9j/4A==\n", "\xFF\xD8\xFF\xE0", "iVBORw0KGgo=", "/w=="})
        EXPECT_EQ(base64_jpeg::decode(bytes_of(text)).error(), errc::malformed) << text;
}

TEST(base64_jpeg_test, whatever_is_short_asks_for_pictures) {
    for (const std::string_view text : {"Hello", "", "\n", "streamhost-video/2 view", "streamhost-video/1 view\n"})
        EXPECT_EQ(base64_jpeg::read_request(bytes_of(text)), request::hello) << text;
    EXPECT_EQ(base64_jpeg::read_request(bytes_of(std::string(64, 'x'))), request::hello);
}

TEST(base64_jpeg_test, the_words_of_our_own_are_told_apart) {
    EXPECT_EQ(as_text(base64_jpeg::view_request()), "streamhost-video/1 view");
    EXPECT_EQ(as_text(base64_jpeg::bye_request()), "streamhost-video/1 bye");
    EXPECT_EQ(base64_jpeg::read_request(base64_jpeg::view_request()), request::view);
    EXPECT_EQ(base64_jpeg::read_request(base64_jpeg::bye_request()), request::bye);
    EXPECT_TRUE(base64_jpeg::is_refusal(base64_jpeg::refusal()));
    EXPECT_FALSE(base64_jpeg::is_refusal(base64_jpeg::view_request()));
}

TEST(base64_jpeg_test, what_servers_send_asks_for_nothing) {
    const auto picture = base64_jpeg::encode(bytes_of("\xFF\xD8" + std::string(100, 'x')));
    EXPECT_EQ(base64_jpeg::read_request(picture->span()), request::nothing);
    EXPECT_EQ(base64_jpeg::read_request(base64_jpeg::refusal()), request::nothing);
}

TEST(base64_jpeg_test, none_of_the_words_is_a_picture) {
    for (const auto word : {base64_jpeg::view_request(), base64_jpeg::bye_request(), base64_jpeg::refusal()})
        EXPECT_FALSE(base64_jpeg::decode(word));
}

}  // namespace
}  // namespace streamhost
