#include "tone.hpp"

#include "sound_format.hpp"

#include <streamhost/testing.hpp>

#include <gmock/gmock.h>

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;
using testing::harness;

std::size_t frames_of(const std::vector<message<audio_block>>& blocks) {
    std::size_t sum = 0;
    for (const auto& each : blocks) sum += each->frames();
    return sum;
}

TEST(tone_test, sound_comes_at_the_pace_of_the_clock) {
    harness source(testing::type<tone>(), R"({ "rate": 48000, "chunk_frames": 480 })");
    const auto start_ns = source.clock().steady_ns();
    source.run_for(10s);
    const auto blocks = source.take<audio_block>("audio");
    ASSERT_THAT(blocks.size(), ::testing::AnyOf(1000u, 1001u)) << "the first block is there at once";
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        ASSERT_EQ(duration(blocks[i].arrived_ns() - start_ns), i * 10ms);
    }
    EXPECT_TRUE(source.drain());
}

TEST(tone_test, blocks_have_the_chosen_format) {
    harness source(testing::type<tone>(), R"({ "rate": 8000, "channels": 1, "format": "f32", "chunk_frames": 80 })");
    source.run_for(1s);
    const auto blocks = source.take<audio_block>("audio");
    ASSERT_FALSE(blocks.empty());
    EXPECT_EQ(to_string(format_of(*blocks[0])), "8000 Hz, 1 channel, f32");
    EXPECT_EQ(blocks[0]->frames(), 80u);
}

TEST(tone_test, a_tone_of_some_length_ends_with_a_short_block) {
    harness source(testing::type<tone>(), R"({ "length": "100ms" })");
    source.run_for(10s);
    const auto blocks = source.take<audio_block>("audio");
    EXPECT_EQ(frames_of(blocks), 4410u);
    EXPECT_EQ(blocks.back()->frames(), 4410u % 1024);
    EXPECT_EQ(source.snapshot().state, "ended");
}

TEST(tone_test, a_frequency_beyond_half_the_rate_is_refused) {
    EXPECT_THROW(harness(testing::type<tone>(), R"({ "rate": 8000, "frequency": 4000 })"), configuration_error);
    EXPECT_NO_THROW(harness(testing::type<tone>(), R"({ "rate": 8000, "frequency": 3999 })"));
}

}  // namespace
}  // namespace streamhost::audio
