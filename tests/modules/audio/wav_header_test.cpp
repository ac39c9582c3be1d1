#include "wav_header.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <string>

namespace streamhost::audio {
namespace {

std::string hex(std::span<const std::byte> bytes) {
    std::string text;
    for (const auto each : bytes) text += fmt::format("{:02x} ", std::to_integer<int>(each));
    return text;
}

TEST(wav_header_test, sixteen_bit_stereo_is_the_plainest_wav_with_room_for_large_sizes) {
    const auto header = wav_header({44100, 2, sample_format::s16}, 0x1000);
    EXPECT_EQ(hex(header),
              "52 49 46 46 48 10 00 00 57 41 56 45 "                                                  // RIFF WAVE
              "4a 55 4e 4b 1c 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "  // JUNK
              "00 00 00 00 00 00 00 00 "
              "66 6d 74 20 10 00 00 00 01 00 02 00 44 ac 00 00 10 b1 02 00 04 00 10 00 "  // fmt
              "64 61 74 61 00 10 00 00 ");                                                // data
}

TEST(wav_header_test, beyond_four_gibibytes_it_is_rf64_of_the_same_size) {
    const sound_format format{48000, 2, sample_format::s16};
    const std::uint64_t data = std::uint64_t{5} << 30;
    const auto header = wav_header(format, data);
    EXPECT_EQ(header.size(), wav_header(format, 0).size());
    EXPECT_EQ(std::memcmp(header.data(), "RF64\xFF\xFF\xFF\xFFWAVEds64", 16), 0);
    std::uint64_t sizes[3];
    std::memcpy(sizes, header.data() + 20, sizeof sizes);
    EXPECT_EQ(sizes[0], data + header.size() - 8);
    EXPECT_EQ(sizes[1], data);
    EXPECT_EQ(sizes[2], data / 4);
}

TEST(wav_header_test, the_largest_plain_file_and_the_first_large_one) {
    const sound_format format{48000, 1, sample_format::s16};
    const std::uint64_t most = 0xFFFFFFFFull - (wav_header(format, 0).size() - 8);
    EXPECT_EQ(std::memcmp(wav_header(format, most / 2 * 2).data(), "RIFF", 4), 0);
    EXPECT_EQ(std::memcmp(wav_header(format, most / 2 * 2 + 2).data(), "RF64", 4), 0);
}

}  // namespace
}  // namespace streamhost::audio
