#include "sound_file.hpp"

#include "sound_stage.hpp"
#include "support/scratch_folder.hpp"
#include "tone_generator.hpp"

#include <fstream>

namespace streamhost::audio {
namespace {

using streamhost::test::scratch_folder;
using test::counting_samples;
using test::samples_of;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class sound_file_test : public ::testing::Test {
protected:
    template <class Sample, class Write>
    std::string make(const std::string& name, int format, int rate, int channels, const std::vector<Sample>& samples,
                     Write write) {
        const auto path = (folder / name).string();
        SF_INFO info{.frames = 0, .samplerate = rate, .channels = channels, .format = format, .sections = 0, .seekable = 0};
        SNDFILE* const file = ::sf_open(path.c_str(), SFM_WRITE, &info);
        EXPECT_NE(file, nullptr) << ::sf_strerror(nullptr);
        EXPECT_EQ(write(file, samples.data(), static_cast<sf_count_t>(samples.size())),
                  static_cast<sf_count_t>(samples.size()));
        ::sf_close(file);
        return path;
    }

    scratch_folder folder;
};

TEST_F(sound_file_test, sixteen_bits_come_as_they_are) {
    const auto samples = counting_samples(10'000, -5000);
    for (const int format : {SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, SF_FORMAT_AIFF | SF_FORMAT_PCM_16}) {
        const auto path = make("sound", format, 44100, 2, samples, ::sf_write_short);
        sound_file file(path);
        EXPECT_EQ(to_string(file.format()), "44100 Hz, 2 channels, s16");
        EXPECT_EQ(samples_of<std::int16_t>(file.read(10'000).samples.span()), samples);
        EXPECT_TRUE(file.read(10).samples.empty());
        EXPECT_EQ(file.problem(), "");
        file.rewind();
        EXPECT_EQ(file.read(100).frames(), 100u);
    }
}

TEST_F(sound_file_test, what_sixteen_bits_cannot_hold_comes_as_float) {
    const std::vector<float> samples{0.0f, 0.125f, -0.5f, 1e-6f};
    for (const int format : {SF_FORMAT_WAV | SF_FORMAT_PCM_24, SF_FORMAT_WAV | SF_FORMAT_FLOAT, SF_FORMAT_FLAC | SF_FORMAT_PCM_24}) {
        sound_file file(make("sound", format, 48000, 1, samples, ::sf_write_float));
        EXPECT_EQ(to_string(file.format()), "48000 Hz, 1 channel, f32");
        const auto read = samples_of<float>(file.read(10).samples.span());
        ASSERT_EQ(read.size(), samples.size());
        for (std::size_t i = 0; i < read.size(); ++i) EXPECT_NEAR(read[i], samples[i], 2e-7);
    }
}

TEST_F(sound_file_test, either_format_may_be_asked_for) {
    const auto floats = make("floats.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 8000, 1, std::vector<float>{0.5f, -2.0f}, ::sf_write_float);
    sound_file rounded(floats, sample_format::s16);
    EXPECT_THAT(samples_of<std::int16_t>(rounded.read(10).samples.span()), ::testing::ElementsAre(16384, -32768));
    const auto integers = make("integers.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, std::vector<short>{16384}, ::sf_write_short);
    sound_file widened(integers, sample_format::f32);
    EXPECT_THAT(samples_of<float>(widened.read(10).samples.span()), ::testing::ElementsAre(0.5f));
}

TEST_F(sound_file_test, ogg_is_close_to_what_was_put_in) {
    const auto tone = samples_of<float>(tone_generator({44100, 2, sample_format::f32}, 440, 0.5).next(44100).samples.span());
    sound_file file(make("sound.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, 2, tone, ::sf_write_float));
    EXPECT_THAT(file.describe(), HasSubstr("44100 Hz, 2 channels, f32, 1.0 s"));
    const auto read = samples_of<float>(file.read(50'000).samples.span());
    ASSERT_EQ(read.size(), tone.size());
    double difference = 0;
    for (std::size_t i = 0; i < read.size(); ++i) difference += std::pow(read[i] - tone[i], 2);
    EXPECT_LT(std::sqrt(difference / static_cast<double>(read.size())), 0.01);
}

TEST_F(sound_file_test, what_is_no_sound_is_refused_with_path_and_cause) {
    const auto refusal = [](const std::string& path, const std::string& why) {
        EXPECT_THAT([&] { sound_file file(path); }, ThrowsMessage<configuration_error>(::testing::AllOf(HasSubstr(path), HasSubstr(why))));
    };
    refusal((folder / "none.wav").string(), "No such file");
    refusal(folder.path().string(), "no file with sound");
    std::ofstream(folder / "text") << "this is a text";
    refusal((folder / "text").string(), "is not understood");
    refusal(make("empty.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, std::vector<short>{}, ::sf_write_short), "holds no sound");
    refusal(make("wide.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 65, std::vector<short>(65), ::sf_write_short), "out of range");
}

}  // namespace
}  // namespace streamhost::audio
