#include "rtp/receiver.hpp"

#include "jpeg_decoder.hpp"
#include "rtp/rtp_pictures.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <string>

namespace streamhost::video::rtp {
namespace {

using test::byte_vector;
using test::gradient;
using test::jpeg_in_style;
using test::jpeg_style;
using test::packet_list;
using test::packets_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Pictures of different sizes in bytes, so that they can be told apart and have several packets.
byte_vector numbered_jpeg(std::uint32_t number) { return test::jpeg_of(test::noise(160, 120, number), 80); }

class rtp_receiver_test : public ::testing::Test {
protected:
    void give(const packet_list& packets) {
        for (const auto& each : packets) give(each);
    }
    void give(const byte_vector& datagram) {
        auto outcome = receiver_.take(datagram);
        if (!outcome.problem.empty()) problems.emplace_back(outcome.problem);
        if (outcome.whole) pictures.push_back(std::move(*outcome.whole));
    }
    void expect_pixels_of(const receiver::picture& picture, const byte_vector& jpeg) {
        jpeg_decoder decoder;
        const auto came = decoder.decode(picture.image.data.span());
        ASSERT_TRUE(came) << came.error().message();
        const auto sent = decoder.decode(jpeg);
        ASSERT_TRUE(sent);
        EXPECT_TRUE(test::same_pixels(*came, *sent));
        EXPECT_EQ(picture.image.width, sent->width);
        EXPECT_EQ(picture.image.height, sent->height);
    }

    receiver receiver_;
    std::vector<receiver::picture> pictures;
    std::vector<std::string> problems;
};

TEST_F(rtp_receiver_test, pictures_of_every_style_arrive_pixel_by_pixel_in_their_true_size) {
    std::uint16_t number = 0;
    std::uint32_t timestamp = 0;
    for (const auto style : {jpeg_style::yuv420, jpeg_style::yuv422, jpeg_style::restarts}) {
        for (const auto& [width, height] : {std::pair(400, 300), std::pair(16, 16), std::pair(1, 1), std::pair(641, 479)}) {
            const auto jpeg = jpeg_in_style(test::noise(width, height), style);
            const auto packets = packets_of(jpeg, number, timestamp += 3000);
            number = static_cast<std::uint16_t>(number + packets.size());
            pictures.clear();
            give(packets);
            ASSERT_EQ(pictures.size(), 1u) << width << "x" << height;
            expect_pixels_of(pictures[0], jpeg);
        }
    }
    EXPECT_THAT(problems, IsEmpty());
    EXPECT_EQ(receiver_.seen().incomplete, 0u);
}

TEST_F(rtp_receiver_test, the_stamps_arrive_with_the_picture) {
    message_header header;
    header.origin.boot.fill(std::byte{9});
    header.origin.instance = 3;
    header.epoch = 2;
    header.sequence = 77;
    header.steady_ns = 123;
    header.wall_ns = 456;
    header.hops = 1;
    give(packets_of(numbered_jpeg(1), 5, 0, header));
    ASSERT_EQ(pictures.size(), 1u);
    ASSERT_TRUE(pictures[0].header);
    EXPECT_EQ(pictures[0].header->origin, header.origin);
    EXPECT_EQ(pictures[0].header->sequence, 77u);
    EXPECT_EQ(pictures[0].header->wall_ns, 456);
    EXPECT_FALSE(pictures[0].header->local_ns);
}

TEST_F(rtp_receiver_test, packets_may_come_in_any_order_and_twice) {
    const auto jpeg = numbered_jpeg(1);
    std::mt19937 random(1);
    std::uint16_t number = 65'500;
    for (std::uint32_t i = 0; i < 100; ++i) {
        auto packets = packets_of(jpeg, number, i * 3000);
        number = static_cast<std::uint16_t>(number + packets.size());
        packets.push_back(packets[random() % packets.size()]);
        std::ranges::shuffle(packets, random);
        pictures.clear();
        give(packets);
        ASSERT_EQ(pictures.size(), 1u) << i;
        ASSERT_TRUE(std::ranges::equal(pictures[0].image.data.span().last(1000), std::span(jpeg).last(1000)));
    }
    EXPECT_EQ(receiver_.seen().repeated, 100u);
    EXPECT_EQ(receiver_.seen().lost, 0u);
    EXPECT_EQ(receiver_.seen().incomplete, 0u);
}

TEST_F(rtp_receiver_test, two_pictures_whose_packets_are_mixed_come_in_their_order) {
    const auto first = packets_of(numbered_jpeg(1), 0, 0);
    const auto second = packets_of(numbered_jpeg(2), static_cast<std::uint16_t>(first.size()), 3000);
    for (std::size_t i = 0; i + 1 < first.size(); ++i) give(first[i]);
    for (std::size_t i = 0; i + 1 < second.size(); ++i) give(second[i]);
    give(first.back());
    give(second.back());
    ASSERT_EQ(pictures.size(), 2u);
    expect_pixels_of(pictures[0], numbered_jpeg(1));
    expect_pixels_of(pictures[1], numbered_jpeg(2));
}

TEST_F(rtp_receiver_test, a_picture_that_misses_a_packet_is_nothing_and_the_next_one_comes) {
    std::uint16_t number = 0;
    for (std::uint32_t i = 0; i < 3; ++i) {
        auto packets = packets_of(numbered_jpeg(i), number, i * 3000);
        number = static_cast<std::uint16_t>(number + packets.size());
        if (i == 1) packets.erase(packets.begin() + 2);
        give(packets);
    }
    ASSERT_EQ(pictures.size(), 2u);
    expect_pixels_of(pictures[1], numbered_jpeg(2));
    receiver_.finish();
    EXPECT_EQ(receiver_.seen().lost, 1u);
    EXPECT_EQ(receiver_.seen().incomplete, 1u);
}

TEST_F(rtp_receiver_test, a_picture_that_becomes_whole_behind_a_newer_one_is_over) {
    const auto first = packets_of(numbered_jpeg(1), 0, 0);
    const auto second = packets_of(numbered_jpeg(2), static_cast<std::uint16_t>(first.size()), 3000);
    for (std::size_t i = 0; i + 1 < first.size(); ++i) give(first[i]);
    give(second);
    give(first.back());
    ASSERT_EQ(pictures.size(), 1u);
    expect_pixels_of(pictures[0], numbered_jpeg(2));
    EXPECT_EQ(receiver_.seen().incomplete, 1u);
    EXPECT_EQ(receiver_.seen().lost, 0u) << "it did come";
}

TEST_F(rtp_receiver_test, of_a_network_that_loses_a_twentieth_exactly_the_whole_pictures_come) {
    std::mt19937 random(7);
    std::uint16_t number = 0;
    std::uint64_t lost = 0;
    std::vector<std::uint32_t> expected;
    for (std::uint32_t i = 0; i < 500; ++i) {
        const auto packets = packets_of(numbered_jpeg(i % 10), number, i * 3000, {.sequence = i});
        number = static_cast<std::uint16_t>(number + packets.size());
        std::uint64_t missing = 0;
        for (const auto& each : packets) {
            if (i > 0 && i < 499 && random() % 20 == 0) ++missing;
            else give(each);
        }
        lost += missing;
        if (missing == 0) expected.push_back(i);
    }
    receiver_.finish();
    ASSERT_EQ(pictures.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(pictures[i].header->sequence, expected[i]);
    EXPECT_EQ(receiver_.seen().lost, lost);
    EXPECT_EQ(receiver_.seen().bad, 0u);
}

TEST_F(rtp_receiver_test, a_sender_that_begins_anew_is_followed_at_once_and_stragglers_do_not_bring_the_old_one_back) {
    const auto old = packets_of(numbered_jpeg(1), 100, 9000, {}, 1);
    give(packet_list(old.begin(), old.end() - 1));
    give(packets_of(numbered_jpeg(2), 5, 0, {}, 2));
    ASSERT_EQ(pictures.size(), 1u);
    expect_pixels_of(pictures[0], numbered_jpeg(2));
    give(old.back());
    const auto next = packets_of(numbered_jpeg(3), static_cast<std::uint16_t>(5 + old.size()), 3000, {}, 2);
    give(next);
    EXPECT_EQ(pictures.size(), 2u);
    EXPECT_EQ(receiver_.seen().incomplete, 1u);
}

TEST_F(rtp_receiver_test, a_leap_of_the_sequence_numbers_costs_one_picture_at_most) {
    give(packets_of(numbered_jpeg(1), 100, 0));
    const auto leap = packets_of(numbered_jpeg(2), 30'000, 3000);
    give(leap);
    give(packets_of(numbered_jpeg(3), static_cast<std::uint16_t>(30'000 + leap.size()), 6000));
    ASSERT_EQ(pictures.size(), 2u);
    expect_pixels_of(pictures[1], numbered_jpeg(3));
    receiver_.finish();
    EXPECT_EQ(receiver_.seen().lost, 0u);
}

// --- what others send -------------------------------------------------------------------------------------------------

/// The JPEG as a sender of another make has it: without stamps, in packets of `part` bytes of data, with any `Q`.
packet_list foreign_packets(const byte_vector& jpeg, int quality, std::span<const std::byte> tables, std::uint16_t number,
                            std::uint32_t timestamp, std::size_t part = 700, bool with_end = false) {
    const auto carried = std::get<carried_picture>(carry(jpeg));
    byte_vector data(carried.scan.begin(), carried.scan.end());
    if (with_end) data.insert(data.end(), {std::byte{0xFF}, std::byte{0xD9}});
    payload_header header;
    header.sampling = carried.sampling;
    header.quality = static_cast<std::uint8_t>(quality);
    header.columns = static_cast<std::uint8_t>((carried.width + 7) / 8);
    header.rows = static_cast<std::uint8_t>((carried.height + 7) / 8);
    header.tables = tables;
    packet_list packets;
    for (std::size_t at = 0; at < data.size(); at += part) {
        header.offset = static_cast<std::uint32_t>(at);
        byte_vector payload(payload_header_bytes(header));
        write_payload_header(payload.data(), header);
        const auto size = std::min(part, data.size() - at);
        const auto from = data.begin() + static_cast<std::ptrdiff_t>(at);
        payload.insert(payload.end(), from, from + static_cast<std::ptrdiff_t>(size));
        packets.push_back(test::packet_with(payload, number++, timestamp, at + size == data.size()));
    }
    return packets;
}

byte_vector joined(const quantisation_tables& tables) {
    byte_vector both(tables.luma.begin(), tables.luma.end());
    both.insert(both.end(), tables.chroma.begin(), tables.chroma.end());
    return both;
}

TEST_F(rtp_receiver_test, computed_tables_give_the_same_pixels) {
    for (const int quality : {1, 30, 50, 80, 99}) {
        const auto jpeg = test::jpeg_of(gradient(64, 48), quality);
        receiver_.finish();
        pictures.clear();
        give(foreign_packets(jpeg, quality, {}, 0, 0));
        ASSERT_EQ(pictures.size(), 1u) << quality;
        expect_pixels_of(pictures[0], jpeg);
        EXPECT_FALSE(pictures[0].header);
    }
}

TEST_F(rtp_receiver_test, without_stamps_the_size_is_rounded_up_to_eights) {
    const auto jpeg = test::jpeg_of(gradient(397, 293), 80);
    give(foreign_packets(jpeg, 80, {}, 0, 0));
    ASSERT_EQ(pictures.size(), 1u);
    EXPECT_EQ(pictures[0].image.width, 400);
    EXPECT_EQ(pictures[0].image.height, 296);
    jpeg_decoder decoder;
    EXPECT_TRUE(decoder.decode(pictures[0].image.data.span())) << "there is data for the rest of the last units";
}

TEST_F(rtp_receiver_test, one_table_is_for_all_components) {
    const auto jpeg = test::jpeg_of(gradient(64, 48), 80);
    give(foreign_packets(jpeg, 255, byte_vector(64, std::byte{8}), 0, 0));
    ASSERT_EQ(pictures.size(), 1u);
    jpeg_decoder decoder;
    EXPECT_TRUE(decoder.decode(pictures[0].image.data.span()));
}

TEST_F(rtp_receiver_test, an_end_marker_in_the_data_is_not_doubled) {
    const auto jpeg = test::jpeg_of(gradient(64, 48), 80);
    give(foreign_packets(jpeg, 80, {}, 0, 0, 700, true));
    ASSERT_EQ(pictures.size(), 1u);
    const auto end = pictures[0].image.data.span().last(4);
    EXPECT_FALSE(end[0] == std::byte{0xFF} && end[1] == std::byte{0xD9});
    expect_pixels_of(pictures[0], jpeg);
}

TEST_F(rtp_receiver_test, tables_that_came_once_hold_for_their_number_and_for_this_sender) {
    const auto jpeg = test::jpeg_of(gradient(64, 48), 80);
    const auto tables = joined(tables_of_quality(80));
    give(foreign_packets(jpeg, 200, {}, 0, 0));
    EXPECT_THAT(pictures, IsEmpty());
    EXPECT_THAT(problems, ElementsAre("the tables that it means have not come yet"));
    give(foreign_packets(jpeg, 200, tables, 100, 3000));
    give(foreign_packets(jpeg, 200, {}, 200, 6000));
    ASSERT_EQ(pictures.size(), 2u);
    expect_pixels_of(pictures[1], jpeg);
    receiver_.finish();
    give(foreign_packets(jpeg, 200, {}, 300, 9000));
    EXPECT_EQ(pictures.size(), 2u);
}

TEST_F(rtp_receiver_test, stamps_that_contradict_the_packet_are_left_out) {
    auto packets = packets_of(test::jpeg_of(gradient(64, 48)), 0, 0, {.sequence = 5});
    packets[0][packet_header_bytes + 4 + 3 * 17 + 1 + 1] = std::byte{80};  // width 80
    give(packets);
    ASSERT_EQ(pictures.size(), 1u);
    EXPECT_FALSE(pictures[0].header);
    EXPECT_EQ(pictures[0].image.width, 64);
}

// --- hostile packets ----------------------------------------------------------------------------------------------------

TEST_F(rtp_receiver_test, what_is_no_packet_of_a_picture_is_refused_in_words) {
    const auto text = std::as_bytes(std::span(std::string_view("streamhost-video/1 view")));
    give(byte_vector(text.begin(), text.end()));
    give(byte_vector(3, std::byte{0x80}));
    auto other_kind = packets_of(numbered_jpeg(1), 0, 0)[0];
    other_kind[1] = std::byte{96};
    give(other_kind);
    EXPECT_THAT(problems, ElementsAre("it is no RTP (is `wire` the same on both sides?)", "it is cut",
                                      "it is of another kind than JPEG (payload type 26)"));
    give(byte_vector{std::byte{0x80}, std::byte{200}, std::byte{0}, std::byte{6}});
    EXPECT_EQ(problems.size(), 3u) << "reports are no mistake";
    EXPECT_EQ(receiver_.seen().bad, 3u);
    EXPECT_EQ(receiver_.seen().packets, 0u);
}

TEST_F(rtp_receiver_test, packets_that_disagree_are_no_picture) {
    auto packets = packets_of(numbered_jpeg(1), 0, 0);
    packets[1][packet_header_bytes + 7] = std::byte{99};
    give(packets);
    EXPECT_THAT(pictures, IsEmpty());
    EXPECT_THAT(problems, ElementsAre("the packets of a picture differ in what they say of it"));
    auto gap = packets_of(numbered_jpeg(1), static_cast<std::uint16_t>(packets.size()), 3000);
    gap[2][packet_header_bytes + 3] ^= std::byte{1};
    give(gap);
    EXPECT_THAT(pictures, IsEmpty());
    EXPECT_EQ(problems.back(), "the parts of a picture do not lie behind each other");
    const auto good = packets_of(numbered_jpeg(2), static_cast<std::uint16_t>(2 * packets.size()), 6000);
    give(good);
    EXPECT_EQ(pictures.size(), 1u);
}

TEST_F(rtp_receiver_test, a_picture_without_end_is_given_up_at_2_mib) {
    const byte_vector payload = [] {
        byte_vector bytes(8 + 1000, std::byte{1});
        bytes[0] = bytes[4] = std::byte{0};
        bytes[5] = std::byte{50};
        return bytes;
    }();
    std::uint16_t number = 0;
    for (int i = 0; i < 3000; ++i) give(test::packet_with(payload, number++, 0, false));
    EXPECT_THAT(problems, ElementsAre("a picture has more than 2 MiB"));
    const byte_vector short_one(payload.begin(), payload.begin() + 9);
    for (int i = 0; i < 3000; ++i) give(test::packet_with(short_one, number++, 5, false));
    EXPECT_EQ(problems.size(), 1u);
    for (int i = 0; i < 3000; ++i) give(test::packet_with(short_one, number++, 5, false));
    EXPECT_EQ(problems.size(), 2u) << "nor of more than 4096 packets";
}

TEST_F(rtp_receiver_test, of_many_pictures_that_are_never_whole_four_are_kept) {
    std::uint16_t number = 0;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        const auto packets = packets_of(numbered_jpeg(1), number, i * 3000);
        give(packets.front());
        number = static_cast<std::uint16_t>(number + 1);
    }
    EXPECT_EQ(receiver_.seen().incomplete, 1000u - receiver::most_pictures);
}

}  // namespace
}  // namespace streamhost::video::rtp
