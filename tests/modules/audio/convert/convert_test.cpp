#include "convert.hpp"

#include "sound_measures.hpp"
#include "sound_stage.hpp"
#include "tone.hpp"
#include "tone_generator.hpp"

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;
using test::sound_script;
using ::testing::HasSubstr;

class convert_test : public test::sound_stage {
protected:
    void add_convert(const std::string& from, boost::json::object settings = {}) {
        plan.add<convert>("convert", std::move(settings));
        plan.link(from, "convert.audio");
        listen_to("convert.converted");
    }
};

TEST_F(convert_test, what_has_the_wanted_format_is_the_same_bytes) {
    plan.add<tone>("tone", {{"length", 1000}});
    add_convert("tone.audio");
    EXPECT_EQ(run_for(1min), 0);
    const auto sent = tone_generator({}, 440, 0.5).next(44100);
    EXPECT_TRUE(std::ranges::equal(heard.bytes(), sent.samples.span()));
    EXPECT_EQ(heard.blocks[0].block.frames(), 1024u);
}

TEST_F(convert_test, rate_channels_and_width_become_the_wanted_ones) {
    plan.add<tone>("tone", {{"rate", 44100}, {"channels", 2}, {"frequency", 997}, {"level", 0.9}, {"length", 3000}});
    add_convert("tone.audio", {{"rate", 48000}, {"channels", 1}, {"format", "f32"}});
    EXPECT_EQ(run_for(1min), 0);
    ASSERT_FALSE(heard.blocks.empty());
    for (const auto& each : heard.blocks) ASSERT_EQ(to_string(format_of(each.block)), "48000 Hz, 1 channel, f32");
    EXPECT_NEAR(static_cast<double>(heard.frames()), 3 * 48000, 1) << "to the end";
    EXPECT_GE(test::signal_to_noise(heard.samples<float>(), 997, 48000, 0.9, 2000), 90);
}

TEST_F(convert_test, the_stamps_are_those_of_the_source) {
    plan.add<tone>("tone", {{"rate", 48000}, {"length", 1000}});
    add_convert("tone.audio");
    const auto started = world.time().now();
    EXPECT_EQ(run_for(1min), 0);
    ASSERT_GT(heard.blocks.size(), 2u);
    EXPECT_EQ(heard.blocks[0].header.steady_ns, started.time_since_epoch().count());
}

TEST_F(convert_test, a_format_that_changes_is_followed_without_a_loss) {
    sound_script::current = [](int number) {
        const sound_format formats[] = {
            {48000, 1, sample_format::s16}, {44100, 2, sample_format::s16}, {8000, 6, sample_format::f32}};
        std::optional<sound_script::step> next;
        if (number < 300) {
            const auto& format = formats[number / 100];
            next = {.before = 10ms, .block = tone_generator(format, 440, 0.5).next(format.rate / 100)};
        }
        return next;
    };
    plan.add<sound_script>("source");
    add_convert("source.audio");
    EXPECT_EQ(run_for(1min), 0);
    EXPECT_NEAR(static_cast<double>(heard.frames()), 3 * 44100, 3);
}

TEST_F(convert_test, what_cannot_be_converted_is_counted_and_said) {
    plan.add<tone>("tone", {{"rate", 768000}, {"chunk_frames", 65536}});
    add_convert("tone.audio", {{"rate", 2000}});
    while_running = [this] {
        EXPECT_THAT(condition("convert"), HasSubstr("768000 Hz, 2 channels, s16 cannot become 2000 Hz"));
    };
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_TRUE(heard.blocks.empty());
    EXPECT_GT(metric("convert", "blocks_refused"), 8u);
}

}  // namespace
}  // namespace streamhost::audio
