#include "tone_generator.hpp"

#include "sample_value.hpp"
#include "sound_stage.hpp"

#include <cmath>
#include <numbers>

namespace streamhost::audio {
namespace {

using test::samples_of;

TEST(tone_generator_test, a_sine_of_the_frequency_and_level_in_every_channel) {
    tone_generator tone({48000, 2, sample_format::f32}, 1000, 0.25);
    const auto block = tone.next(4800);
    EXPECT_EQ(block.frames(), 4800u);
    const auto samples = samples_of<float>(block.samples.span());
    for (std::size_t i = 0; i < 4800; ++i) {
        const auto expected = 0.25 * std::sin(2 * std::numbers::pi * 1000 * static_cast<double>(i) / 48000);
        ASSERT_NEAR(samples[2 * i], expected, 1e-6) << i;
        ASSERT_EQ(samples[2 * i + 1], samples[2 * i]) << i;
    }
}

TEST(tone_generator_test, blocks_follow_each_other_without_a_step) {
    const sound_format format{44100, 1, sample_format::s16};
    tone_generator in_parts(format, 440, 1);
    std::vector<std::int16_t> parts;
    for (const int frames : {1, 1023, 44100, 7}) {
        const auto more = samples_of<std::int16_t>(in_parts.next(frames).samples.span());
        parts.insert(parts.end(), more.begin(), more.end());
    }
    tone_generator at_once(format, 440, 1);
    EXPECT_EQ(parts, samples_of<std::int16_t>(at_once.next(1 + 1023 + 44100 + 7).samples.span()));
}

TEST(tone_generator_test, full_scale_does_not_wrap) {
    tone_generator tone({44100, 1, sample_format::s16}, 11025, 1);
    const auto samples = samples_of<std::int16_t>(tone.next(4).samples.span());
    EXPECT_THAT(samples, ::testing::ElementsAre(0, 32767, 0, -32768));
}

TEST(sample_value_test, every_s16_survives_the_way_to_f32_and_back) {
    for (int value = -32768; value <= 32767; ++value) {
        ASSERT_EQ(to_s16(to_f32(static_cast<std::int16_t>(value))), value);
    }
}

TEST(sample_value_test, what_is_too_loud_is_clipped_and_what_is_no_number_is_silence) {
    EXPECT_EQ(to_s16(1.5f), 32767);
    EXPECT_EQ(to_s16(-1.5f), -32768);
    EXPECT_EQ(to_s16(std::numeric_limits<float>::infinity()), 32767);
    EXPECT_EQ(to_s16(std::numeric_limits<float>::quiet_NaN()), 0);
}

}  // namespace
}  // namespace streamhost::audio
