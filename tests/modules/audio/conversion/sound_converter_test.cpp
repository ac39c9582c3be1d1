#include "sound_converter.hpp"

#include "sound_measures.hpp"
#include "sound_stage.hpp"
#include "tone_generator.hpp"

#include <cmath>
#include <numbers>

namespace streamhost::audio {
namespace {

using test::counting_samples;
using test::samples_of;
using test::signal_to_noise;
using ::testing::ElementsAre;

std::vector<float> floats_of(std::span<const std::byte> bytes, sample_format format) {
    if (format == sample_format::f32) return samples_of<float>(bytes);
    std::vector<float> floats;
    for (const auto each : samples_of<std::int16_t>(bytes)) floats.push_back(static_cast<float>(each) / 32768.0f);
    return floats;
}

/// A tone of three seconds through the converter, in blocks of 1024 frames.
std::vector<float> convert_tone(const sound_format& from, const sound_format& to, double frequency, double level) {
    tone_generator tone(from, frequency, level);
    sound_converter converter(from, to);
    std::vector<std::byte> all;
    for (int i = 0; i < 3 * from.rate / 1024; ++i) {
        const auto part = converter.convert(tone.next(1024).samples.span());
        all.insert(all.end(), part.begin(), part.end());
    }
    const auto rest = converter.finish();
    all.insert(all.end(), rest.begin(), rest.end());
    return floats_of(all, to.samples);
}

TEST(sound_converter_test, between_44100_and_48000_hz_a_sine_keeps_90_db_over_its_errors) {
    const std::pair<int, int> rates[] = {{44100, 48000}, {48000, 44100}, {8000, 48000}, {48000, 16000}};
    for (const auto& [from, to] : rates) {
        for (const double frequency : {100.0, 997.0, 3000.0}) {
            SCOPED_TRACE(fmt::format("{} -> {} Hz, {} Hz", from, to, frequency));
            const auto samples = convert_tone({from, 1, sample_format::f32}, {to, 1, sample_format::f32}, frequency, 0.9);
            EXPECT_NEAR(static_cast<double>(samples.size()), 3 * from / 1024 * 1024.0 * to / from, 1);
            EXPECT_GE(signal_to_noise(samples, frequency, to, 0.9, 2000), 90);
        }
    }
}

TEST(sound_converter_test, a_sine_in_16_bits_keeps_90_db_from_44100_to_48000_hz) {
    for (const double frequency : {440.0, 997.0, 10'000.0}) {
        const auto samples = convert_tone({44100, 1, sample_format::s16}, {48000, 1, sample_format::s16}, frequency, 0.9);
        EXPECT_GE(signal_to_noise(samples, frequency, 48000, 0.9, 2000), 90) << frequency;
    }
}

TEST(sound_converter_test, equal_formats_pass_bit_by_bit) {
    const sound_format format{44100, 2, sample_format::s16};
    sound_converter converter(format, format);
    const auto samples = counting_samples(65536);
    EXPECT_EQ(samples_of<std::int16_t>(converter.convert(std::as_bytes(std::span(samples)))), samples);
    EXPECT_TRUE(converter.finish().empty());
    EXPECT_FALSE(converter.resamples());
    const sound_format floats{44100, 1, sample_format::f32};
    sound_converter exact(floats, floats);
    const std::vector<float> odd{1e-30f, 7.5f, -0.0f};
    EXPECT_EQ(samples_of<float>(exact.convert(std::as_bytes(std::span(odd)))), odd);
}

TEST(sound_converter_test, width_changes_without_loss_where_none_need_be) {
    const auto samples = counting_samples(65536, -32768);
    sound_converter widen({8000, 1, sample_format::s16}, {8000, 1, sample_format::f32});
    const auto wide = widen.convert(std::as_bytes(std::span(samples)));
    sound_converter narrow({8000, 1, sample_format::f32}, {8000, 1, sample_format::s16});
    EXPECT_EQ(samples_of<std::int16_t>(narrow.convert(wide)), samples);
}

TEST(sound_converter_test, channels_become_more_or_fewer) {
    const auto convert = [](int from, int to, std::vector<std::int16_t> samples) {
        sound_converter converter({8000, from, sample_format::s16}, {8000, to, sample_format::s16});
        return samples_of<std::int16_t>(converter.convert(std::as_bytes(std::span(samples))));
    };
    EXPECT_THAT(convert(1, 2, {100, 200}), ElementsAre(100, 100, 200, 200));
    EXPECT_THAT(convert(1, 4, {100}), ElementsAre(100, 100, 0, 0));
    EXPECT_THAT(convert(2, 1, {100, 200, -100, -300}), ElementsAre(150, -200));
    EXPECT_THAT(convert(6, 2, {1, 2, 3, 4, 5, 6}), ElementsAre(1, 2));
    EXPECT_THAT(convert(2, 3, {1, 2}), ElementsAre(1, 2, 0));
}

TEST(sound_converter_test, a_change_of_speed_in_the_middle_makes_no_step) {
    const sound_format format{44100, 2, sample_format::f32};
    constexpr double frequency = 440, level = 0.9;
    tone_generator tone(format, frequency, level);
    sound_converter converter(format, format);
    std::vector<std::byte> all;
    for (int i = 0; i < 200; ++i) {
        const auto part = converter.convert(tone.next(1024).samples.span(), i < 100 ? 1 : 1 + 200e-6);
        all.insert(all.end(), part.begin(), part.end());
    }
    EXPECT_TRUE(converter.resamples());
    const auto samples = samples_of<float>(all);
    const double steepest = level * 2 * std::numbers::pi * frequency / 44100;
    for (std::size_t i = 2; i < samples.size(); ++i) {
        ASSERT_LT(std::abs(samples[i] - samples[i - 2]), steepest * 1.01) << "at sample " << i;
    }
}

TEST(sound_converter_test, a_faster_source_is_played_in_less_time) {
    const sound_format format{48000, 1, sample_format::s16};
    tone_generator tone(format, 440, 0.5);
    sound_converter converter(format, format);
    std::size_t frames = 0;
    for (int i = 0; i < 1000; ++i) frames += converter.convert(tone.next(1024).samples.span(), 1 + 1000e-6).size() / 2;
    EXPECT_NEAR(static_cast<double>(frames), 1'024'000 / 1.001, 100);
}

TEST(sound_converter_test, rates_that_are_too_far_apart_are_known_before) {
    EXPECT_TRUE(sound_converter::takes({44100, 2, sample_format::s16}, {48000, 2, sample_format::s16}));
    EXPECT_FALSE(sound_converter::takes({1, 2, sample_format::s16}, {48000, 2, sample_format::s16}));
    EXPECT_FALSE(sound_converter::takes({768'000, 2, sample_format::s16}, {2000, 2, sample_format::s16}));
}

}  // namespace
}  // namespace streamhost::audio
