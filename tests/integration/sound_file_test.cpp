#include "sound_file.hpp"
#include "support/running_host.hpp"
#include "tone_generator.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>

namespace streamhost::test {
namespace {

/// Sound in files, through the real program.
class sound_file_integration_test : public ::testing::Test {
protected:
    scratch_folder folder;
};

TEST_F(sound_file_integration_test, a_recording_is_valid_whenever_its_program_is_killed) {
    constexpr std::size_t chunk_bytes = 64 * 4;
    for (std::size_t life = 0; life < 10; ++life) {
        const auto file = folder / fmt::format("life-{}.wav", life);
        running_host host(folder, "recorder", fmt::format(R"({{
  "modules": {{
    "tone": {{ "type": "audio.tone", "frequency": 1000, "chunk_frames": 64 }},
    "record": {{ "type": "audio.file_sink", "file": "{}" }}
  }},
  "links": ["tone -> record"]
}})", file.string()));
        std::error_code failed;
        // A little later each time, down to the moment at which the file comes into being.
        ASSERT_TRUE(folder.wait([&] {
            const auto size = std::filesystem::file_size(file, failed);
            return !failed && size >= life * 7 * chunk_bytes;
        })) << host.log();
        host.send(SIGKILL);
        EXPECT_EQ(host.wait(), killed_by(SIGKILL));

        if (std::filesystem::file_size(file) < 2 * chunk_bytes) continue;  // killed before the first samples: an empty WAV
        audio::sound_file recorded(file);
        ASSERT_EQ(recorded.format(), (audio::sound_format{44100, 2, sample_format::s16}));
        const auto block = recorded.read(1'000'000);
        const auto tone = audio::tone_generator(recorded.format(), 1000, 0.5).next(static_cast<std::int64_t>(block.frames()));
        EXPECT_TRUE(std::ranges::equal(block.samples.span(), tone.samples.span())) << "life " << life;
        EXPECT_GT(block.frames() * 4 + 2 * chunk_bytes, life * 7 * chunk_bytes) << "all but the last write is there";
    }
}

}  // namespace
}  // namespace streamhost::test
