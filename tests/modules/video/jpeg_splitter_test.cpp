#include "jpeg_splitter.hpp"

#include "jpeg_header.hpp"
#include "sample_pictures.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

namespace streamhost::video {
namespace {

using test::byte_vector;
using test::find_marker;
using test::gradient;
using test::jpeg_kind;
using test::jpeg_of;
using test::noise;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

byte_vector bytes_of(std::initializer_list<int> values) {
    byte_vector bytes;
    for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

byte_vector operator+(byte_vector left, const byte_vector& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

byte_vector first(const byte_vector& bytes, std::size_t count) {
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count)};
}

const byte_vector& small() {
    static const auto jpeg = jpeg_of(gradient(48, 32));
    return jpeg;
}
const byte_vector& other() {
    static const auto jpeg = jpeg_of(noise(40, 24), 90);
    return jpeg;
}
const byte_vector& progressive() {
    static const auto jpeg = jpeg_of(noise(33, 17), 80, jpeg_kind::progressive);
    return jpeg;
}

struct outcome {
    std::vector<byte_vector> pictures;
    std::uint64_t skipped = 0;

    bool operator==(const outcome&) const = default;
};

/// Feeds the bytes in pieces whose sizes `next_size` chooses.
template <class NextSize>
outcome split(std::span<const std::byte> bytes, NextSize next_size) {
    jpeg_splitter splitter;
    outcome result;
    while (!bytes.empty()) {
        auto piece = bytes.first(std::min<std::size_t>(next_size(), bytes.size()));
        bytes = bytes.subspan(piece.size());
        while (const auto picture = splitter.next(piece))
            result.pictures.emplace_back(picture->span().begin(), picture->span().end());
        EXPECT_TRUE(piece.empty());
    }
    splitter.finish();
    result.skipped = splitter.skipped_bytes();
    return result;
}

outcome split(std::span<const std::byte> bytes) {
    return split(bytes, [&] { return bytes.size(); });
}

/// The same, after seeing that the pieces make no difference.
outcome split_anyhow(const byte_vector& bytes) {
    const auto whole = split(bytes);
    EXPECT_EQ(split(bytes, [] { return 1; }), whole) << "byte by byte";
    std::mt19937 random(1);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(split(bytes, [&] { return 1 + random() % 700; }), whole);
    std::size_t sum = whole.skipped;
    for (const auto& picture : whole.pictures) sum += picture.size();
    EXPECT_EQ(sum, bytes.size()) << "every byte is in a picture or counted";
    return whole;
}

TEST(jpeg_splitter, pictures_come_out_as_they_went_in) {
    const auto got = split_anyhow(small() + other() + progressive() + small());
    EXPECT_THAT(got.pictures, ElementsAre(small(), other(), progressive(), small()));
    EXPECT_EQ(got.skipped, 0u);
}

TEST(jpeg_splitter, a_cut_anywhere_gives_the_same_pictures) {
    const auto bytes = small() + progressive();
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        bool begun = false;
        const auto got = split(bytes, [&] { return std::exchange(begun, true) ? bytes.size() : cut; });
        ASSERT_THAT(got.pictures, ElementsAre(small(), progressive())) << "cut at " << cut;
    }
}

TEST(jpeg_splitter, what_stands_between_pictures_is_skipped_and_counted) {
    const auto garbage = bytes_of({0x00, 0xFF, 0xFF, 0x12, 0xD8, 0xFF, 0xD9, 0xFF});
    const auto got = split_anyhow(garbage + small() + garbage + garbage + other() + garbage);
    EXPECT_THAT(got.pictures, ElementsAre(small(), other()));
    EXPECT_EQ(got.skipped, 4 * garbage.size());
}

TEST(jpeg_splitter, an_end_marker_within_a_thumbnail_does_not_end_the_picture) {
    const auto thumbnail = jpeg_of(gradient(16, 16));
    const auto length = thumbnail.size() + 2;
    auto segment = bytes_of({0xFF, 0xE1, static_cast<int>(length >> 8), static_cast<int>(length & 0xFF)});
    segment = segment + thumbnail;
    auto picture = small();
    picture.insert(picture.begin() + 2, segment.begin(), segment.end());
    ASSERT_TRUE(scan_jpeg(picture));
    EXPECT_THAT(split_anyhow(picture + small()).pictures, ElementsAre(picture, small()));
}

TEST(jpeg_splitter, fill_bytes_before_a_marker_and_restarts_belong_to_the_picture) {
    auto picture = small();
    const auto scan = find_marker(picture, 0xDA);
    picture.insert(picture.begin() + static_cast<std::ptrdiff_t>(scan), 3, std::byte{0xFF});
    picture.insert(picture.end() - 2, 2, std::byte{0xFF});  // before the end marker
    const auto extra = bytes_of({0xFF, 0xD0, 0x11, 0xFF, 0x00, 0xFF, 0xD7});
    picture.insert(picture.end() - 4, extra.begin(), extra.end());
    EXPECT_THAT(split_anyhow(picture + other()).pictures, ElementsAre(picture, other()));
}

TEST(jpeg_splitter, a_segment_of_no_content_is_no_trouble) {
    auto picture = small();
    const auto comment = bytes_of({0xFF, 0xFE, 0x00, 0x02});
    picture.insert(picture.begin() + 2, comment.begin(), comment.end());
    EXPECT_THAT(split_anyhow(picture).pictures, ElementsAre(picture));
}

TEST(jpeg_splitter, a_picture_cut_short_in_its_compressed_data_is_skipped_and_the_next_one_is_whole) {
    const auto data = find_marker(small(), 0xDA) + 20;
    const auto cut = first(small(), data);
    const auto got = split_anyhow(cut + other() + small());
    EXPECT_THAT(got.pictures, ElementsAre(other(), small()));
    EXPECT_EQ(got.skipped, cut.size());
}

TEST(jpeg_splitter, wherever_a_picture_is_cut_short_it_costs_no_more_than_a_segment_and_the_picture_that_it_ends_in) {
    // What is cut within a segment takes what the length says from the pictures that follow, in the worst case 64 KiB.
    byte_vector others;
    const std::size_t count = 0x10000 / other().size() + 2;
    for (std::size_t i = 0; i < count; ++i) others = others + other();
    for (std::size_t cut = 1; cut < small().size(); ++cut) {
        const auto got = split(first(small(), cut) + others + small());
        ASSERT_FALSE(got.pictures.empty());
        ASSERT_EQ(got.pictures.back(), small()) << "cut at " << cut;
    }
}

TEST(jpeg_splitter, what_breaks_the_format_ends_the_picture_there) {
    for (const auto& broken : {
             bytes_of({0xFF, 0xD8, 0x00}),                    // no marker
             bytes_of({0xFF, 0xD8, 0xFF, 0x00}),              // a code that is none
             bytes_of({0xFF, 0xD8, 0xFF, 0xD0}),              // a restart outside of a scan
             bytes_of({0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x01}),  // a length that does not count itself
             bytes_of({0xFF, 0xD8, 0xFF, 0xD8}),              // two starts
         }) {
        const auto got = split_anyhow(broken + small());
        EXPECT_THAT(got.pictures, ElementsAre(small()));
        EXPECT_EQ(got.skipped, broken.size());
    }
}

TEST(jpeg_splitter, nothing_comes_of_a_stream_that_ends_early) {
    for (std::size_t cut = 0; cut < small().size(); ++cut) {
        const auto got = split(first(small(), cut));
        ASSERT_THAT(got.pictures, IsEmpty());
        ASSERT_EQ(got.skipped, cut);
    }
}

TEST(jpeg_splitter, after_the_end_it_begins_anew) {
    jpeg_splitter splitter;
    const auto cut = first(small(), small().size() - 1);
    std::span<const std::byte> bytes(cut);
    EXPECT_FALSE(splitter.next(bytes));
    splitter.finish();
    EXPECT_EQ(splitter.skipped_bytes(), cut.size());
    bytes = small();
    const auto picture = splitter.next(bytes);
    ASSERT_TRUE(picture);
    EXPECT_TRUE(std::ranges::equal(picture->span(), small()));
}

/// A picture with as much compressed data as makes it that large.
byte_vector picture_of_size(std::size_t size) {
    auto picture = small();
    picture.insert(picture.end() - 2, size - picture.size(), std::byte{0x55});
    return picture;
}

TEST(jpeg_splitter, the_largest_picture_passes_and_a_larger_one_does_not) {
    const auto largest = picture_of_size(jpeg_splitter::max_picture_bytes);
    auto got = split(largest + small(), [] { return 64 * 1024; });
    EXPECT_TRUE(got.pictures == std::vector({largest, small()}));

    const auto larger = picture_of_size(jpeg_splitter::max_picture_bytes + 1);
    got = split(larger + small(), [] { return 64 * 1024; });
    EXPECT_TRUE(got.pictures == std::vector({small()}));
    EXPECT_EQ(got.skipped, larger.size());
}

TEST(jpeg_splitter, a_picture_that_never_ends_costs_no_more_than_the_limit_and_the_pieces_make_no_difference) {
    // Segments of the greatest length, so that the limit falls into one of them; some of its bytes look like a start.
    byte_vector endless = bytes_of({0xFF, 0xD8});
    byte_vector segment = bytes_of({0xFF, 0xE2, 0xFF, 0xFF});
    while (segment.size() < 0xFFFF + 2) segment = segment + bytes_of({0xFF, 0xD8, 0xFF, 0xD9, 0x00});
    segment.resize(0xFFFF + 2);
    while (endless.size() < jpeg_splitter::max_picture_bytes + 3 * segment.size()) endless = endless + segment;
    endless = endless + small();
    const auto whole = split(endless);
    EXPECT_TRUE(split(endless, [] { return 4096; }) == whole);
    EXPECT_TRUE(split(endless, [] { return 1; }) == whole);
    EXPECT_THAT(whole.pictures, testing::Contains(small()));
}

TEST(jpeg_splitter, pictures_own_their_bytes) {
    jpeg_splitter splitter;
    std::vector<shared_bytes> pictures;
    {
        const auto stream = small() + other();
        std::span<const std::byte> bytes(stream);
        while (auto picture = splitter.next(bytes)) pictures.push_back(std::move(*picture));
    }
    ASSERT_THAT(pictures, SizeIs(2));
    EXPECT_TRUE(std::ranges::equal(pictures[0].span(), small()));
    EXPECT_TRUE(std::ranges::equal(pictures[1].span(), other()));
}

}  // namespace
}  // namespace streamhost::video
