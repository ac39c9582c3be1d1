#include "media_forms.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace streamhost::web {
namespace {

std::string text_of(const wire_message& message) {
    std::string all;
    for (const auto& piece : message.pieces) all += piece.as_text();
    return all;
}

shared_bytes bytes_of(std::string content) { return shared_bytes::adopt(std::move(content)); }

TEST(media_forms, a_picture_of_mjpeg_is_followed_by_its_separator_and_shares_its_bytes) {
    const encoded_image image{.width = 2, .height = 2, .data = bytes_of("JPEG")};
    const auto part = mjpeg_part(image, {1'700'000'000'250.0, 1'700'000'000'260.0});
    EXPECT_EQ(text_of(part), "Content-Type: image/jpeg\r\nContent-Length: 4\r\nX-Timestamp: 1700000000.250000\r\n\r\nJPEG\r\n--frame\r\n");
    EXPECT_EQ(part.pieces[1].data(), image.data.data());
    const auto unknown = mjpeg_part(image, {std::numeric_limits<double>::quiet_NaN(), 1000});
    EXPECT_THAT(text_of(unknown), ::testing::HasSubstr("X-Timestamp: 1.000000\r\n"));
}

TEST(media_forms, the_head_of_a_message_is_32_bytes_in_little_endian) {
    const media_head head{media_head::kind::s16, 0x0203, 48000U | 2U << 24, 0x0102030405060708, {1.5, -2}};
    const auto bytes = encode(head);
    ASSERT_EQ(bytes.size(), media_head_bytes);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    EXPECT_EQ(text.substr(0, 16), std::string_view("\x01\x02\x03\x02\x80\xBB\x00\x02\x08\x07\x06\x05\x04\x03\x02\x01", 16));
    double captured = 0, sent = 0;
    std::memcpy(&captured, bytes.data() + 16, 8);
    std::memcpy(&sent, bytes.data() + 24, 8);
    EXPECT_EQ(captured, 1.5);
    EXPECT_EQ(sent, -2);
    const auto message = media_message(head, bytes_of("samples"));
    EXPECT_EQ(text_of(message).substr(0, 2), std::string("\x82\x27"));
    EXPECT_EQ(message.size(), 2 + media_head_bytes + 7);
}

TEST(media_forms, a_format_that_the_head_cannot_say_is_none) {
    audio_block block{.rate = 48000, .channels = 2};
    EXPECT_EQ(format_of(block), 0x0200BB80U);
    for (const auto& [rate, channels] : {std::pair{0, 2}, {1 << 24, 2}, {48000, 0}, {48000, 256}, {-1, 2}, {48000, -1}}) {
        EXPECT_EQ(format_of({.rate = rate, .channels = channels}), 0u);
    }
}

TEST(media_forms, a_wav_without_an_end_says_its_format) {
    const auto s16 = endless_wav_header({.rate = 48000, .channels = 2, .format = sample_format::s16});
    EXPECT_EQ(s16, std::string("RIFF\xFF\xFF\xFF\xFFWAVEfmt \x10\0\0\0\x01\0\x02\0\x80\xBB\0\0\0\xEE\x02\0\x04\0\x10\0data\xFF\xFF\xFF\xFF", 44));
    const auto f32 = endless_wav_header({.rate = 8000, .channels = 1, .format = sample_format::f32});
    EXPECT_EQ(f32.substr(20, 16), std::string("\x03\0\x01\0\x40\x1F\0\0\0\x7D\0\0\x04\0\x20\0", 16));
}

}  // namespace
}  // namespace streamhost::web
