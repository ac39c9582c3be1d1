#include "microphone.hpp"

#include "simulated_devices.hpp"
#include "sound_stage.hpp"
#include "tone_generator.hpp"

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;
using test::counting_samples;
using test::samples_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class simulated_microphone final : public microphone {
public:
    static inline test::device_script* current = nullptr;

    static module_info describe() { return describe_as<simulated_microphone>(); }
    simulated_microphone(module_context& host, microphone_settings chosen)
        : microphone(host, std::move(chosen), std::make_unique<test::simulated_devices>(*current, host)) {}
};

class microphone_test : public test::sound_stage {
protected:
    microphone_test() { simulated_microphone::current = &devices; }

    void add_microphone(boost::json::object settings = {}) {
        plan.add<simulated_microphone>("microphone", std::move(settings));
        listen_to("microphone.audio");
    }
    bool heard_is_tone() const {
        const auto bytes = heard.bytes();
        const auto frames = static_cast<std::int64_t>(heard.frames());
        const auto tone = tone_generator({}, usual_tone_frequency, usual_tone_level).next(frames);
        return !bytes.empty() && std::ranges::equal(bytes, tone.samples.span());
    }

    test::device_script devices;
};

TEST_F(microphone_test, what_the_device_records_comes_with_the_moment_at_which_it_was_taken) {
    devices.lives = {{}};
    add_microphone({{"device", "headset"}, {"rate", 48000}, {"channels", 1}, {"chunk_frames", 480}});
    const auto started = world.time().now();
    while_running = [this] { EXPECT_THAT(condition("microphone"), IsEmpty()); };
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_THAT(devices.names, ElementsAre("headset"));
    ASSERT_GT(heard.blocks.size(), 85u);
    EXPECT_EQ(to_string(format_of(heard.blocks[0].block)), "48000 Hz, 1 channel, s16");
    EXPECT_EQ(heard.samples<std::int16_t>(), counting_samples(heard.frames()));
    EXPECT_EQ(steady_time(duration(heard.blocks[1].header.steady_ns)) - started - heard.blocks[1].at, 0s);
    EXPECT_EQ(devices.open_runs, 0);
    EXPECT_TRUE(heard.ended);
}

TEST_F(microphone_test, auto_is_the_default_device_where_there_is_one) {
    devices.lives = {{}};
    add_microphone();
    while_running = [this] { EXPECT_THAT(condition("microphone"), IsEmpty()); };
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_THAT(devices.names, ElementsAre("default"));
    EXPECT_FALSE(heard_is_tone());
}

TEST_F(microphone_test, auto_is_a_tone_where_there_is_no_device_and_says_so) {
    add_microphone();
    while_running = [this] {
        EXPECT_EQ(condition("microphone"), "a tone is heard instead of a microphone: no sound device is there");
    };
    EXPECT_EQ(run_for(10s), 0);
    EXPECT_TRUE(heard_is_tone());
    EXPECT_NEAR(static_cast<double>(heard.frames()), 10 * 44100, 2048);
    EXPECT_EQ(devices.openings.size(), 1u) << "from then on it is the tone";
}

TEST_F(microphone_test, auto_is_a_tone_where_the_default_device_hangs) {
    devices.lives = {{.hangs = true}};
    add_microphone();
    while_running = [this] {
        EXPECT_EQ(condition("microphone"),
                  "a tone is heard instead of a microphone: the default device gives no sound within 3 s");
    };
    EXPECT_EQ(run_for(10s), 0);
    EXPECT_TRUE(heard_is_tone());
    ASSERT_FALSE(heard.blocks.empty());
    EXPECT_LE(heard.blocks[0].at, 5s);
}

TEST_F(microphone_test, the_tone_fits_the_lowest_rate) {
    add_microphone({{"rate", 1000}, {"channels", 1}, {"chunk_frames", 100}});
    EXPECT_EQ(run_for(1s), 0);
    ASSERT_GE(heard.frames(), 1000u);
    EXPECT_EQ(heard.blocks[0].block.rate, 1000);
    const auto samples = heard.samples<std::int16_t>();
    EXPECT_NEAR(samples[1], 16384, 1) << "a quarter of the rate: the second sample is at the crest";
}

TEST_F(microphone_test, a_device_that_was_named_is_waited_for_without_a_tone) {
    devices.lives = {{.failure = device_failure{"there is no sound device \"headset\"", "`device` may be \"webcam\""}},
                     {.failure = device_failure{"it is in use"}},
                     {}};
    add_microphone({{"device", "headset"}});
    std::string early;
    while_running = [&] {
        early = condition("microphone");
        world.run_for(4s);
        EXPECT_THAT(condition("microphone"), IsEmpty());
    };
    EXPECT_EQ(run_for(500ms), 0);
    EXPECT_EQ(early, "no sound: there is no sound device \"headset\"; `device` may be \"webcam\"");
    EXPECT_THAT(devices.openings, ElementsAre(0s, 1s, 3s));
    ASSERT_FALSE(heard.blocks.empty());
    EXPECT_GE(heard.blocks[0].at, 3s);
}

TEST_F(microphone_test, a_device_that_goes_is_waited_for_also_by_auto) {
    devices.lives = {{.lasts = 2s}, {}};
    add_microphone();
    EXPECT_EQ(run_for(6s), 0);
    EXPECT_EQ(devices.openings.size(), 2u);
    EXPECT_EQ(metric("microphone", "device_losses"), 1u);
    const auto is_pause = [](const auto& a, const auto& b) { return b.at - a.at > 900ms; };
    const auto pause = std::ranges::adjacent_find(heard.blocks, is_pause);
    ASSERT_NE(pause, heard.blocks.end());
    EXPECT_FALSE(heard_is_tone());
}

TEST_F(microphone_test, a_device_that_hangs_is_left_alone_and_not_asked_again_meanwhile) {
    devices.lives = {{.hangs = true}};
    add_microphone({{"device", "headset"}});
    const auto begun = world.time().now();
    EXPECT_EQ(run_for(10s), 0);
    EXPECT_LT(world.time().now() - begun, 13s);
    EXPECT_EQ(devices.openings.size(), 1u);
}

}  // namespace
}  // namespace streamhost::audio
