#include "rtp/stamps.hpp"

#include "sample_pictures.hpp"

#include <gtest/gtest.h>

namespace streamhost::video::rtp {
namespace {

using test::byte_vector;

stamps some_stamps() {
    stamps all;
    for (std::size_t i = 0; i < 16; ++i) all.header.origin.boot[i] = static_cast<std::byte>(i);
    all.header.origin.instance = 0x01020304;
    all.header.epoch = 5;
    all.header.sequence = 1ULL << 40;
    all.header.steady_ns = -7;
    all.header.wall_ns = 1'700'000'000'000'000'000;
    all.header.hops = 3;
    all.width = 400;
    all.height = 300;
    return all;
}

/// The extension as a packet has it.
packet in_packet(const byte_vector& written) {
    packet whole;
    const auto profile = std::to_integer<int>(written[0]) << 8 | std::to_integer<int>(written[1]);
    whole.extension_profile = static_cast<std::uint16_t>(profile);
    whole.extension = std::span(written).subspan(4);
    return whole;
}

void expect_same(const std::optional<stamps>& read, const stamps& wanted) {
    ASSERT_TRUE(read);
    EXPECT_EQ(read->header.origin, wanted.header.origin);
    EXPECT_EQ(read->header.epoch, wanted.header.epoch);
    EXPECT_EQ(read->header.sequence, wanted.header.sequence);
    EXPECT_EQ(read->header.steady_ns, wanted.header.steady_ns);
    EXPECT_EQ(read->header.wall_ns, wanted.header.wall_ns);
    EXPECT_EQ(read->header.hops, wanted.header.hops);
    EXPECT_FALSE(read->header.local_ns);
    EXPECT_EQ(read->width, wanted.width);
    EXPECT_EQ(read->height, wanted.height);
}

TEST(rtp_stamps, what_is_written_is_read) {
    byte_vector written(stamps_bytes);
    write_stamps(written.data(), some_stamps());
    EXPECT_EQ(std::to_integer<int>(written[3]), 15) << "words behind the extension's header";
    expect_same(read_stamps(in_packet(written)), some_stamps());
}

TEST(rtp_stamps, the_form_of_two_bytes_and_elements_of_others_are_taken_too) {
    byte_vector one(stamps_bytes);
    write_stamps(one.data(), some_stamps());
    byte_vector two{std::byte{0x10}, std::byte{0x07}, std::byte{0}, std::byte{0}};
    two.insert(two.end(), {std::byte{9}, std::byte{2}, std::byte{1}, std::byte{2}, std::byte{0}});  // another's, padding
    for (std::size_t at = 4; at < one.size() && one[at] != std::byte{0};) {
        const auto head = std::to_integer<std::size_t>(one[at]);
        const auto size = (head & 15) + 1;
        two.push_back(static_cast<std::byte>(head >> 4));
        two.push_back(static_cast<std::byte>(size));
        two.insert(two.end(), one.begin() + static_cast<std::ptrdiff_t>(at + 1),
                   one.begin() + static_cast<std::ptrdiff_t>(at + 1 + size));
        at += 1 + size;
    }
    expect_same(read_stamps(in_packet(two)), some_stamps());
}

TEST(rtp_stamps, less_than_all_of_them_is_nothing) {
    byte_vector written(stamps_bytes);
    write_stamps(written.data(), some_stamps());
    const auto whole = in_packet(written);
    for (std::size_t size = 0; size < 57; ++size) {
        auto cut = whole;
        cut.extension = whole.extension.first(size);
        EXPECT_FALSE(read_stamps(cut)) << size;
    }
    auto other = whole;
    other.extension_profile = 0x1234;
    EXPECT_FALSE(read_stamps(other));
    auto resized = written;
    resized[4] = std::byte{0x1E};  // element 1 of 15 bytes
    EXPECT_FALSE(read_stamps(in_packet(resized)));
}

}  // namespace
}  // namespace streamhost::video::rtp
