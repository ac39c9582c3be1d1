#include "tone.hpp"

#include "sound_stage.hpp"

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class tone_test : public test::sound_stage {};

TEST_F(tone_test, sound_comes_at_the_pace_of_the_clock) {
    plan.add<tone>("tone", {{"rate", 48000}, {"chunk_frames", 480}});
    listen_to("tone.audio");
    EXPECT_EQ(run_for(10s), 0);
    ASSERT_THAT(heard.blocks.size(), ::testing::AnyOf(1000u, 1001u));
    EXPECT_EQ(heard.blocks[0].at, 0s) << "the first block is there at once";
    for (std::size_t i = 0; i < heard.blocks.size(); ++i) ASSERT_EQ(heard.blocks[i].at, i * 10ms);
    EXPECT_TRUE(heard.ended);
}

TEST_F(tone_test, blocks_have_the_chosen_format) {
    plan.add<tone>("tone", {{"rate", 8000}, {"channels", 1}, {"format", "f32"}, {"chunk_frames", 80}});
    listen_to("tone.audio");
    run_for(1s);
    ASSERT_FALSE(heard.blocks.empty());
    EXPECT_EQ(to_string(format_of(heard.blocks[0].block)), "8000 Hz, 1 channel, f32");
    EXPECT_EQ(heard.blocks[0].block.frames(), 80u);
}

TEST_F(tone_test, a_tone_of_some_length_ends_with_a_short_block_and_so_does_the_host) {
    plan.add<tone>("tone", {{"length", 100}});
    listen_to("tone.audio");
    EXPECT_EQ(run_for(10s), 0);
    EXPECT_EQ(heard.frames(), 4410u);
    EXPECT_EQ(heard.blocks.back().block.frames(), 4410u % 1024);
}

TEST_F(tone_test, a_frequency_beyond_half_the_rate_is_refused) {
    EXPECT_THROW(tone::check({.rate = 8000, .frequency = 4000}), setting_error);
    EXPECT_NO_THROW(tone::check({.rate = 8000, .frequency = 3999}));
}

}  // namespace
}  // namespace streamhost::audio
