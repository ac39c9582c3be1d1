#include "rtp/packet.hpp"

#include "sample_pictures.hpp"

#include <gtest/gtest.h>

namespace streamhost::video::rtp {
namespace {

using test::byte_vector;

byte_vector bytes(std::initializer_list<int> values) {
    byte_vector result;
    for (const int value : values) result.push_back(static_cast<std::byte>(value));
    return result;
}

TEST(rtp_packet, is_read_as_rfc_3550_draws_it) {
    // Padding of 2, an extension, 1 contributor, marker, payload type 26.
    const auto datagram = bytes({0xB1, 0x9A, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9,
                                 0xBE, 0xDE, 0, 1, 0xAA, 0xBB, 0xCC, 0xDD, 0x42, 0, 2});
    const auto packet = read_packet(datagram);
    ASSERT_TRUE(packet);
    EXPECT_TRUE(packet->header.marker);
    EXPECT_EQ(packet->header.payload_type, 26);
    EXPECT_EQ(packet->header.sequence, 0x1234);
    EXPECT_EQ(packet->header.timestamp, 0x01020304u);
    EXPECT_EQ(packet->header.ssrc, 0x05060708u);
    EXPECT_EQ(packet->extension_profile, 0xBEDE);
    EXPECT_EQ(packet->extension.size(), 4u);
    EXPECT_EQ(packet->extension[0], std::byte{0xAA});
    ASSERT_EQ(packet->payload.size(), 1u);
    EXPECT_EQ(packet->payload[0], std::byte{0x42});
    for (std::size_t size = 0; size < 24; ++size)
        EXPECT_EQ(read_packet(std::span(datagram).first(size)).error(), errc::truncated) << size;
}

TEST(rtp_packet, lengths_that_lead_beyond_the_datagram_are_refused) {
    const auto plain = bytes({0x80, 26, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4});
    ASSERT_TRUE(read_packet(plain));
    const auto with_first = [&](int first) {
        auto changed = plain;
        changed[0] = static_cast<std::byte>(first);
        return read_packet(changed);
    };
    EXPECT_EQ(with_first(0x82).error(), errc::truncated) << "contributors";
    EXPECT_EQ(with_first(0x90).error(), errc::truncated) << "an extension of 772 words";
    EXPECT_EQ(with_first(0xA0)->payload.size(), 0u) << "padding of exactly all";
    EXPECT_EQ(with_first(0x40).error(), errc::unsupported);
    EXPECT_EQ(with_first(0x00).error(), errc::unsupported);
    auto padded = plain;
    padded[0] = std::byte{0xA0};
    for (const int wrong : {0, 5, 255}) {
        padded.back() = static_cast<std::byte>(wrong);
        EXPECT_EQ(read_packet(padded).error(), errc::truncated) << wrong;
    }
}

TEST(rtp_packet, a_report_is_told_apart) {
    EXPECT_TRUE(is_control(bytes({0x80, 200, 0, 6})));
    EXPECT_TRUE(is_control(bytes({0x81, 201, 0, 7})));
    EXPECT_FALSE(is_control(bytes({0x80, 26, 0, 6})));
    EXPECT_FALSE(is_control(bytes({0x80, 0x9A, 0, 6})));
    EXPECT_FALSE(is_control(bytes({0x80})));
}

TEST(rtp_packet, what_is_written_is_read) {
    byte_vector datagram(packet_header_bytes + 3);
    write_packet_header(datagram.data(), {true, 26, 65535, 0xFFFFFFFF, 0x80000000}, false);
    const auto packet = read_packet(datagram);
    ASSERT_TRUE(packet);
    EXPECT_TRUE(packet->header.marker);
    EXPECT_EQ(packet->header.sequence, 65535);
    EXPECT_EQ(packet->header.timestamp, 0xFFFFFFFFu);
    EXPECT_EQ(packet->header.ssrc, 0x80000000u);
    EXPECT_EQ(packet->payload.size(), 3u);
}

}  // namespace
}  // namespace streamhost::video::rtp
