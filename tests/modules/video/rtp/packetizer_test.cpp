#include "rtp/packetizer.hpp"

#include "rtp/rtp_pictures.hpp"

#include <gtest/gtest.h>

namespace streamhost::video::rtp {
namespace {

TEST(rtp_packetizer, packets_are_full_but_the_last_and_numbered) {
    const auto jpeg = test::jpeg_of(test::noise(320, 240), 90);
    const auto packets = test::packets_of(jpeg, 65534, 1234);
    ASSERT_GT(packets.size(), 10u);
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const auto packet = read_packet(packets[i]);
        ASSERT_TRUE(packet);
        const bool last = i + 1 == packets.size();
        EXPECT_EQ(packets[i].size() == largest_packet, !last) << i;
        EXPECT_EQ(packet->header.marker, last) << i;
        EXPECT_EQ(packet->header.sequence, static_cast<std::uint16_t>(65534 + i));
        EXPECT_EQ(packet->header.timestamp, 1234u);
        EXPECT_EQ(packet->header.ssrc, 7u);
        EXPECT_EQ(packet->extension.empty(), i != 0) << "the stamps are in the first one";
    }
}

TEST(rtp_packetizer, every_size_around_a_full_packet_is_exactly_divided) {
    const std::vector<std::byte> data(3 * largest_packet, std::byte{1});
    carried_picture picture{.width = 16, .height = 16};
    for (std::size_t size = 900; size < 2500; ++size) {
        picture.scan = std::span(data).first(size);
        const auto bytes = packetize(picture, {}, 0, 0);
        std::size_t sum = 0;
        for (std::size_t at = 0; at < bytes.size(); at += largest_packet) {
            const auto one = std::span(bytes).subspan(at, std::min(largest_packet, bytes.size() - at));
            const auto packet = read_packet(one);
            ASSERT_TRUE(packet) << size;
            sum += packet->payload.size() - (at == 0 ? 8 + 4 + 128 : 8);
            ASSERT_EQ(packet->header.marker, at + largest_packet >= bytes.size()) << size;
        }
        ASSERT_EQ(sum, size);
    }
}

TEST(rtp_timestamp_clock, follows_the_capture_times_without_drift) {
    timestamp_clock clock(0xFFFFF000);
    std::int64_t ns = 5;
    for (int i = 0; i < 100'000; ++i, ns += 33'333'333) {
        const auto expected = 0xFFFFF000 + static_cast<std::uint32_t>((ns - 5) * 9 / 100'000);
        ASSERT_EQ(clock.of(ns), expected) << i;
    }
}

TEST(rtp_timestamp_clock, rises_whatever_the_source_says) {
    timestamp_clock clock(10);
    EXPECT_EQ(clock.of(1'000'000'000), 10u);
    EXPECT_EQ(clock.of(1'000'000'000), 11u) << "the same picture again";
    EXPECT_EQ(clock.of(1'000'000'010), 12u) << "less than a tick later";
    EXPECT_EQ(clock.of(5), 13u) << "a source that began anew";
    EXPECT_EQ(clock.of(1'000'000'005), 90'013u);
    EXPECT_EQ(clock.of(100'000'000'005), 90'014u) << "a gap of more than ten seconds";
    EXPECT_EQ(clock.of(std::numeric_limits<std::int64_t>::min()), 90'015u);
    EXPECT_EQ(clock.of(std::numeric_limits<std::int64_t>::max()), 90'016u);
}

}  // namespace
}  // namespace streamhost::video::rtp
