#include "file_sink.hpp"

#include "sound_file.hpp"
#include "sound_stage.hpp"
#include "support/scratch_folder.hpp"
#include "tone.hpp"

#include <fstream>

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;
using streamhost::test::scratch_folder;
using test::counting_samples;
using test::samples_of;
using test::sound_script;
using ::testing::HasSubstr;

audio_block read_all(const std::filesystem::path& path) {
    sound_file file(path);
    return file.read(10'000'000);
}

class file_sink_test : public test::sound_stage {
protected:
    /// A sink behind a script.
    void record(std::function<std::optional<sound_script::step>(int)> script) {
        sound_script::current = std::move(script);
        plan.add<sound_script>("script");
        plan.add<file_sink>("sink", {{"file", file.string()}});
        plan.link("script.audio", "sink.audio");
    }

    scratch_folder folder;
    const std::filesystem::path file = folder / "sound.wav";
};

TEST_F(file_sink_test, a_file_has_every_sample_in_the_format_of_the_sound) {
    for (const sound_format format : {sound_format{44100, 2, sample_format::s16}, sound_format{8000, 1, sample_format::f32},
                                      sound_format{96000, 6, sample_format::s16}, sound_format{48000, 3, sample_format::f32}}) {
        SCOPED_TRACE(to_string(format));
        const auto path = folder / (std::to_string(format.rate) + ".wav");
        std::vector<std::byte> expected;
        {
            wav_file out(path, format);
            for (int i = 0; i < 10; ++i) {
                const auto block = tone_generator(format, 100 + i, 0.9).next(100);
                out.append(block.samples.span());
                out.update_header();
                expected.insert(expected.end(), block.samples.span().begin(), block.samples.span().end());
            }
        }
        sound_file in(path);
        EXPECT_EQ(in.format(), format);
        EXPECT_TRUE(std::ranges::equal(in.read(2000).samples.span(), expected));
    }
}

TEST_F(file_sink_test, at_every_write_the_file_is_valid) {
    const sound_format format{44100, 2, sample_format::s16};
    wav_file out(file, format);
    EXPECT_THAT([&] { sound_file in(file); }, ::testing::ThrowsMessage<configuration_error>(HasSubstr("holds no sound")))
        << "valid and empty";
    const auto block = make_block(format, counting_samples(2048));
    out.append(block.samples.span());
    out.update_header();
    out.append(block.samples.span());  // killed before the header was written
    EXPECT_EQ(read_all(file).frames(), 1024u);
    out.update_header();
    EXPECT_EQ(read_all(file).frames(), 2048u);
}

TEST_F(file_sink_test, what_a_link_delivers_is_in_the_file) {
    record([](int number) -> std::optional<sound_script::step> {
        if (number == 100) return std::nullopt;
        return sound_script::step{1ms, make_block({44100, 2, sample_format::s16},
                                                  counting_samples(200, static_cast<std::int16_t>(200 * number)))};
    });
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_EQ(samples_of<std::int16_t>(read_all(file).samples.span()), counting_samples(20'000));
    EXPECT_EQ(metric("sink", "frames_written"), 10'000u);
    EXPECT_EQ(metric("sink", "files_made"), 1u);
}

TEST_F(file_sink_test, a_file_that_is_there_is_left_alone) {
    std::ofstream(file) << "precious";
    record([](int number) -> std::optional<sound_script::step> {
        if (number == 1) return std::nullopt;
        return sound_script::step{1ms, make_block({8000, 1, sample_format::s16}, counting_samples(10))};
    });
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_EQ(streamhost::test::read_file(file), "precious");
    EXPECT_EQ(read_all(folder / "sound-2.wav").frames(), 10u);
}

TEST_F(file_sink_test, another_format_begins_another_file) {
    record([](int number) -> std::optional<sound_script::step> {
        if (number == 3) return std::nullopt;
        return sound_script::step{1ms, make_block({number == 1 ? 16000 : 8000, 1, sample_format::s16}, counting_samples(10))};
    });
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_EQ(read_all(file).rate, 8000);
    EXPECT_EQ(read_all(folder / "sound-2.wav").rate, 16000);
    EXPECT_EQ(read_all(folder / "sound-3.wav").rate, 8000);
    EXPECT_EQ(metric("sink", "files_made"), 3u);
}

TEST_F(file_sink_test, a_folder_that_is_not_there_fails_the_start) {
    plan.add<tone>("tone");
    plan.add<file_sink>("sink", {{"file", (folder / "none/sound.wav").string()}});
    plan.link("tone.audio", "sink.audio");
    EXPECT_EQ(run_for(1s), 1);
    EXPECT_THAT(failure("sink"), HasSubstr("cannot write to its folder: No such file or directory"));
}

TEST_F(file_sink_test, a_file_that_cannot_be_made_any_more_is_a_failure_that_names_it) {
    const auto gone = folder.make_folder("gone");
    sound_script::current = [gone](int) -> std::optional<sound_script::step> {
        std::filesystem::remove(gone);
        return sound_script::step{1ms, make_block({8000, 1, sample_format::s16}, counting_samples(10))};
    };
    plan.add<sound_script>("script");
    plan.add<file_sink>("sink", {{"file", (gone / "sound.wav").string()}});
    plan.link("script.audio", "sink.audio");
    EXPECT_EQ(run_for(60s), 1);
    EXPECT_THAT(failure("sink"), HasSubstr("gone/sound.wav"));
}

}  // namespace
}  // namespace streamhost::audio
