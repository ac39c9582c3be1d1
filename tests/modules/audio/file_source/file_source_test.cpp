#include "file_source.hpp"

#include "sound_stage.hpp"
#include "support/scratch_folder.hpp"
#include "wav_file.hpp"

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;
using streamhost::test::scratch_folder;
using test::counting_samples;
using ::testing::HasSubstr;

class file_source_test : public test::sound_stage {
protected:
    /// A file of so many frames: stereo, 16 bits, 48 kHz.
    std::string make(std::size_t frames) {
        wav_file file(folder / "sound.wav", {48000, 2, sample_format::s16});
        content = counting_samples(frames * 2);
        file.append(std::as_bytes(std::span(content)));
        file.update_header();
        return file.path().string();
    }

    scratch_folder folder;
    std::vector<std::int16_t> content;
};

TEST_F(file_source_test, a_file_comes_whole_at_its_own_pace_and_its_end_is_the_end_of_the_stream) {
    plan.add<file_source>("file", {{"file", make(48'000 + 100)}, {"chunk_frames", 480}});
    listen_to("file.audio");
    EXPECT_EQ(run_for(60s), 0);
    EXPECT_EQ(heard.samples<std::int16_t>(), content);
    ASSERT_EQ(heard.blocks.size(), 101u);
    for (std::size_t i = 0; i < heard.blocks.size(); ++i) ASSERT_EQ(heard.blocks[i].at, i * 10ms);
    EXPECT_EQ(heard.blocks.back().block.frames(), 100u) << "the last chunk is sent as it is";
    EXPECT_TRUE(heard.ended);
}

TEST_F(file_source_test, in_a_loop_the_file_starts_again_without_a_pause) {
    plan.add<file_source>("file", {{"file", make(1000)}, {"chunk_frames", 480}, {"loop", true}});
    listen_to("file.audio");
    EXPECT_EQ(run_for(1s), 0);
    const auto samples = heard.samples<std::int16_t>();
    ASSERT_GE(samples.size(), 2 * 48'000u);
    for (std::size_t i = 0; i < samples.size(); ++i) ASSERT_EQ(samples[i], content[i % content.size()]) << i;
    EXPECT_NEAR(static_cast<double>(samples.size()) / 2, 48'000, 500) << "no faster than the clock";
}

TEST_F(file_source_test, a_file_that_is_not_there_fails_the_start) {
    plan.add<file_source>("file", {{"file", (folder / "none.wav").string()}});
    listen_to("file.audio");
    EXPECT_EQ(run_for(1s), 1);
    EXPECT_THAT(failure("file"), HasSubstr("none.wav: No such file or directory"));
}

TEST_F(file_source_test, where_no_file_is_named_it_is_a_tone_and_says_so) {
    plan.add<file_source>("file");
    listen_to("file.audio");
    while_running = [this] { EXPECT_EQ(condition("file"), "a tone is played: no file is named"); };
    EXPECT_EQ(run_for(10s), 0);
    EXPECT_NEAR(static_cast<double>(heard.frames()), 10 * 44100, 2048) << "paced by the clock";
    const auto frames = static_cast<std::int64_t>(heard.frames());
    const auto tone = tone_generator({}, usual_tone_frequency, usual_tone_level).next(frames);
    EXPECT_TRUE(std::ranges::equal(heard.bytes(), tone.samples.span()));
}

}  // namespace
}  // namespace streamhost::audio
