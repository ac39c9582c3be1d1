#include "speaker.hpp"

#include "simulated_devices.hpp"
#include "sound_measures.hpp"
#include "sound_stage.hpp"
#include "tone.hpp"
#include "tone_generator.hpp"

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;
using test::device_life;
using test::samples_of;
using test::sound_script;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr sound_format mono{44100, 1, sample_format::s16};

class simulated_speaker final : public speaker {
public:
    static inline test::device_script* current = nullptr;

    static module_info describe() { return describe_as<simulated_speaker>(); }
    simulated_speaker(module_context& host, speaker_settings chosen)
        : speaker(host, std::move(chosen), std::make_unique<test::simulated_devices>(*current, host)) {}
};

class speaker_test : public test::sound_stage {
protected:
    speaker_test() { simulated_speaker::current = &devices; }

    void add_speaker(const std::string& from, boost::json::object settings = {}) {
        plan.add<simulated_speaker>("speaker", std::move(settings));
        plan.link(from, "speaker.audio", type_of<audio_block>().defaults.link);
    }

    /// A tone of so many seconds that is sent in pieces as fast as they are taken, as the tutorials' server does.
    void send_at_once(double seconds) {
        constexpr int piece = 1024;
        const auto pieces = static_cast<int>(seconds * mono.rate / piece);
        sound_script::current = [tone = tone_generator(mono, 440, 0.5), pieces](int number) mutable {
            std::optional<sound_script::step> next;
            if (number < pieces) next = {.before = {}, .block = tone.next(piece)};
            return next;
        };
        plan.add<sound_script>("source");
        plan.add<simulated_speaker>("speaker");
        plan.link("source.audio", "speaker.audio",
                  {.policy = queue_policy::wait, .items = 4, .wait = std::chrono::hours(1)});
    }

    bool heard_is_start_of(const audio_block& sound) const {
        const auto bytes = sound.samples.span();
        return devices.heard.size() <= bytes.size() && std::ranges::equal(devices.heard, bytes.first(devices.heard.size()));
    }

    test::device_script devices;
};

TEST_F(speaker_test, sound_in_the_devices_format_is_heard_bit_by_bit_to_its_end) {
    devices.lives = {{.opens_after = 100ms}};
    plan.add<tone>("tone", {{"length", 3000}});
    add_speaker("tone.audio", {{"buffer", 200}});
    EXPECT_EQ(run_for(1min), 0);
    const auto sent = tone_generator({44100, 2, sample_format::s16}, 440, 0.5).next(3 * 44100);
    ASSERT_GE(devices.heard.size(), sent.samples.size());
    EXPECT_TRUE(std::ranges::equal(std::span(devices.heard).first(sent.samples.size()), sent.samples.span()));
    EXPECT_THAT(std::span(devices.heard).subspan(sent.samples.size()), Each(std::byte{0}));
    EXPECT_EQ(metric("speaker", "frames_played"), 3 * 44100u);
    EXPECT_EQ(metric("speaker", "frames_silent"), 0u);
    EXPECT_EQ(metric("speaker", "underruns"), 0u);
    EXPECT_EQ(metric("speaker", "frames_unheard"), 0u) << "the device was waited for";
    EXPECT_EQ(devices.open_runs, 0);
    EXPECT_THAT(devices.names, ElementsAre("default"));
}

TEST_F(speaker_test, without_a_device_sound_passes_in_silence_at_its_own_pace) {
    send_at_once(20);
    while_running = [this] {
        EXPECT_THAT(condition("speaker"), StartsWith("no sound: no sound device is there; silence is played"));
        EXPECT_NEAR(static_cast<double>(metric_now("speaker", "frames_unheard")), 10 * 44100, 2048);
    };
    EXPECT_EQ(run_for(10s), 0);
    EXPECT_THAT(devices.openings, ElementsAre(0s, 1s, 3s, 7s));
}

TEST_F(speaker_test, a_device_that_comes_later_is_used_from_then_on) {
    devices.lives = {{.failure = device_failure{"it is in use", "stop the other program"}}, {.format = mono}};
    plan.add<tone>("tone", {{"channels", 1}});
    add_speaker("tone.audio");
    while_running = [this] {
        EXPECT_THAT(condition("speaker"), IsEmpty());
        EXPECT_NEAR(static_cast<double>(metric_now("speaker", "frames_unheard")), 44100, 2048);
        EXPECT_NEAR(static_cast<double>(metric_now("speaker", "frames_played")), 2 * 44100, 8192);
    };
    EXPECT_EQ(run_for(3s), 0);
}

TEST_F(speaker_test, a_device_that_goes_is_silence_until_it_is_back) {
    devices.lives = {{.format = mono, .lasts = 2s}, {.failure = device_failure{"it is gone"}}, {.format = mono}};
    plan.add<tone>("tone", {{"channels", 1}});
    add_speaker("tone.audio");
    std::string in_between;
    while_running = [&] {
        in_between = condition("speaker");
        world.run_for(4s);
        EXPECT_THAT(condition("speaker"), IsEmpty());
    };
    EXPECT_EQ(run_for(4s), 0);
    EXPECT_THAT(in_between, StartsWith("no sound: it is gone; "));
    ASSERT_EQ(devices.openings.size(), 3u);
    EXPECT_NEAR(std::chrono::duration<double>(devices.openings[1]).count(), 3, 0.02) << "a second after it went";
    EXPECT_NEAR(std::chrono::duration<double>(devices.openings[2]).count(), 5, 0.02) << "and then two";
    EXPECT_EQ(metric("speaker", "device_losses"), 1u);
    const auto frames = metric("speaker", "frames_played") + metric("speaker", "frames_unheard");
    EXPECT_NEAR(static_cast<double>(frames), 8 * 44100, 2048);
}

TEST_F(speaker_test, a_device_that_hangs_in_its_opening_holds_neither_the_sound_nor_the_end) {
    devices.lives = {{.hangs = true}};
    plan.add<tone>("tone");
    add_speaker("tone.audio");
    while_running = [this] {
        EXPECT_THAT(condition("speaker"), StartsWith("no sound: the sound device does not answer"));
        // After the 2 s in which it is waited for.
        EXPECT_NEAR(static_cast<double>(metric_now("speaker", "frames_unheard")), 8 * 44100, 10'000);
    };
    const auto begun = world.time().now();
    EXPECT_EQ(run_for(10s), 0);
    EXPECT_LT(world.time().now() - begun, 15s);
    EXPECT_EQ(devices.openings.size(), 1u) << "it is not asked again while it hangs";
}

TEST_F(speaker_test, a_source_that_is_faster_than_the_clock_is_held_back_and_nothing_is_lost) {
    devices.lives = {{.format = mono}};
    send_at_once(20);
    EXPECT_EQ(run_for(10s), 0);
    EXPECT_TRUE(heard_is_start_of(tone_generator(mono, 440, 0.5).next(30 * mono.rate)));
    EXPECT_NEAR(static_cast<double>(metric("speaker", "frames_played")), 10 * 44100, 44100);
}

TEST_F(speaker_test, an_underrun_is_silence_and_counted) {
    devices.lives = {{.format = mono}};
    sound_script::current = [tone = tone_generator(mono, 440, 0.5)](int number) mutable {
        // Half a second, a pause, half a second.
        std::optional<sound_script::step> next;
        if (number < 100) next = {.before = number == 50 ? duration(1s) : duration(10ms), .block = tone.next(441)};
        return next;
    };
    plan.add<sound_script>("source");
    add_speaker("source.audio");
    EXPECT_EQ(run_for(10s), 0);
    EXPECT_EQ(metric("speaker", "frames_played"), 44100u);
    EXPECT_EQ(metric("speaker", "underruns"), 1u);
    EXPECT_NEAR(static_cast<double>(metric("speaker", "frames_silent")), 44100, 2048);
}

TEST_F(speaker_test, a_44100_hz_sine_is_heard_at_48000_hz_with_90_db_over_its_errors) {
    devices.lives = {{.format = {48000, 1, sample_format::f32}}};
    plan.add<tone>("tone", {{"channels", 1}, {"frequency", 997}, {"level", 0.9}, {"length", 5000}});
    add_speaker("tone.audio");
    EXPECT_EQ(run_for(1min), 0);
    EXPECT_NEAR(static_cast<double>(metric("speaker", "frames_played")), 5 * 48000, 2);
    auto samples = samples_of<float>(devices.heard);
    samples.resize(5 * 48000 - 100);
    EXPECT_GE(test::signal_to_noise(samples, 997, 48000, 0.9, 2000), 90);
}

TEST_F(speaker_test, mono_becomes_stereo_and_16_bits_become_float_where_the_device_wants_that) {
    devices.lives = {{.format = {44100, 2, sample_format::f32}}};
    plan.add<tone>("tone", {{"channels", 1}, {"length", 1000}});
    add_speaker("tone.audio");
    EXPECT_EQ(run_for(1min), 0);
    const auto sent = samples_of<std::int16_t>(tone_generator(mono, 440, 0.5).next(44100).samples.span());
    const auto heard_samples = samples_of<float>(devices.heard);
    ASSERT_GE(heard_samples.size(), 2 * sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
        ASSERT_EQ(heard_samples[2 * i], static_cast<float>(sent[i]) / 32768.0f) << i;
        ASSERT_EQ(heard_samples[2 * i + 1], heard_samples[2 * i]) << i;
    }
}

TEST_F(speaker_test, a_format_that_changes_is_followed) {
    devices.lives = {{.format = mono}};
    sound_script::current = [](int number) {
        const sound_format formats[] = {mono, {48000, 2, sample_format::f32}, {8000, 1, sample_format::s16}};
        std::optional<sound_script::step> next;
        if (number < 300) {
            const auto& format = formats[number / 100];
            next = {.before = 10ms, .block = tone_generator(format, 440, 0.5).next(format.rate / 100)};
        }
        return next;
    };
    plan.add<sound_script>("source");
    add_speaker("source.audio");
    EXPECT_EQ(run_for(20s), 0);
    EXPECT_NEAR(static_cast<double>(metric("speaker", "frames_played")), 3 * 44100, 3);
    EXPECT_EQ(metric("speaker", "underruns"), 0u);
}

TEST_F(speaker_test, what_cannot_be_converted_is_said) {
    devices.lives = {{.format = {2000, 1, sample_format::s16}}};
    plan.add<tone>("tone", {{"rate", 768000}});
    add_speaker("tone.audio");
    while_running = [this] {
        EXPECT_THAT(condition("speaker"), HasSubstr("768000 Hz, 2 channels, s16 cannot become 2000 Hz"));
    };
    EXPECT_EQ(run_for(5s), 0);
}

class speaker_skew_test : public speaker_test, public ::testing::WithParamInterface<double> {};

INSTANTIATE_TEST_SUITE_P(ppm, speaker_skew_test, ::testing::Values(200.0, -200.0),
                         [](const auto& parameter) { return parameter.param > 0 ? "faster" : "slower"; });

TEST_P(speaker_skew_test, ten_minutes_on_a_device_with_another_clock_pass_without_a_gap_longer_than_a_chunk) {
    devices.lives = {{.format = mono, .ppm = GetParam()}};
    plan.add<tone>("tone", {{"channels", 1}, {"chunk_frames", 1024}});
    add_speaker("tone.audio");
    EXPECT_EQ(run_for(10min), 0);
    EXPECT_NEAR(static_cast<double>(devices.heard.size()) / 2, 600 * 44100 * (1 + GetParam() * 1e-6), 44100);
    while (!devices.heard.empty() && devices.heard.back() == std::byte{0}) devices.heard.pop_back();  // behind the end
    if (devices.heard.size() % 2 != 0) devices.heard.push_back(std::byte{0});
    EXPECT_LE(test::longest_silence(devices.heard, 2), 1u) << "so far below a chunk of 1024";
    EXPECT_EQ(metric("speaker", "underruns"), 0u);
    EXPECT_EQ(metric("speaker", "frames_silent"), 0u);
    EXPECT_EQ(metric("speaker", "frames_skipped"), 0u);
    EXPECT_LT(metric("speaker", "held_ms"), 200u) << "and it is no later than at the start";
}

class speaker_dead_band_test : public speaker_test, public ::testing::WithParamInterface<double> {};

INSTANTIATE_TEST_SUITE_P(ppm, speaker_dead_band_test, ::testing::Values(40.0, -40.0),
                         [](const auto& parameter) { return parameter.param > 0 ? "faster" : "slower"; });

TEST_P(speaker_dead_band_test, ten_minutes_on_a_clock_that_is_nearly_the_same_pass_bit_by_bit) {
    devices.lives = {{.format = mono, .ppm = GetParam()}};
    plan.add<tone>("tone", {{"channels", 1}});
    add_speaker("tone.audio");
    EXPECT_EQ(run_for(10min), 0);
    EXPECT_TRUE(heard_is_start_of(tone_generator(mono, 440, 0.5).next(601 * mono.rate)));
}

}  // namespace
}  // namespace streamhost::audio
