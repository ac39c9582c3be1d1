#include "support/running_host.hpp"
#include "support/sound_server.hpp"
#include "wav_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <csignal>
#include <numbers>

namespace streamhost::test {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// From 20 Hz to 20 kHz (Farina's exponential sweep), another one in each channel, and a moment of silence.
std::vector<std::int16_t> sweep(double seconds, int rate) {
    constexpr double lowest = 20, highest = 20'000, level = 0.8;
    const double growth = std::log(highest / lowest);
    std::vector<std::int16_t> samples;
    for (int i = 0; i < seconds * rate; ++i) {
        const double at = static_cast<double>(i) / rate;
        const double phase = 2 * std::numbers::pi * lowest * seconds / growth * (std::exp(at / seconds * growth) - 1);
        samples.push_back(static_cast<std::int16_t>(std::lrint(32767 * level * std::cos(phase))));
        samples.push_back(static_cast<std::int16_t>(std::lrint(32767 * level * std::sin(phase))));
    }
    samples.insert(samples.end(), static_cast<std::size_t>(rate), 0);
    return samples;
}

class sound_chain_test : public ::testing::Test {
protected:
    static constexpr int rate = 44100;

    /// Plays `file` for ever over the wire.
    std::unique_ptr<running_host> serve(const std::filesystem::path& file, std::string_view wire) {
        auto host = std::make_unique<running_host>(folder, "server", fmt::format(R"({{
  "name": "server",
  "modules": {{
    "file": {{ "type": "audio.file_source", "file": "{}", "loop": true }},
    "sound": {{ "type": "audio.tcp_server", "listen": "127.0.0.1:0", "wire": "{}",
                "viewers": {{ "queue": {{ "items": 4096, "age_ms": 60000 }} }} }}
  }},
  "links": [{{ "path": "file -> sound", "queue": "wait" }}]
}})", file.string(), wire));
        EXPECT_TRUE(host->wait_ready()) << host->log();
        return host;
    }

    scratch_folder folder;
};

class sound_wire_test : public sound_chain_test, public ::testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(wires, sound_wire_test, ::testing::Values("pickle", "framed"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(sound_wire_test, a_sweep_in_a_file_leaves_the_speaker_bit_by_bit) {
    audio::wav_file file(folder / "sweep.wav", {rate, 2, sample_format::s16});
    const auto samples = sweep(3, rate);
    file.append(std::as_bytes(std::span(samples)));
    file.update_header();
    const std::string expected(reinterpret_cast<const char*>(samples.data()), samples.size() * sizeof samples[0]);

    sound_server sound(folder, rate);
    const auto server = serve(file.path(), GetParam());
    running_host player(folder, "player", fmt::format(R"({{
  "name": "player",
  "modules": {{
    "sound": {{ "type": "audio.tcp_client", "connect": "{}", "wire": "{}" }},
    "speaker": {{ "type": "audio.speaker", "buffer": 2000 }}
  }},
  "links": [{{ "path": "sound -> speaker", "queue": "wait" }}]
}})", server->address("sound"), GetParam()), child_program::options{.environment = sound.environment()});
    // It begins somewhere in the file, which is played over and over.
    const auto heard = [&](std::string_view played) { return played.find(expected) != std::string_view::npos; };
    EXPECT_TRUE(sound.wait_recorded(heard, 90s)) << player.log() << server->log();
    EXPECT_THAT(player.log(), HasSubstr("playing on \"default\" (44100 Hz, 2 channels, s16)"));
    for (auto* each : {&player, server.get()}) {
        each->send(SIGTERM);
        EXPECT_EQ(each->wait(), exits_with(0)) << each->log();
    }
}

TEST_F(sound_chain_test, where_there_is_no_sound_device_the_speaker_is_silent_and_the_microphone_a_tone) {
    running_host host(folder, "host", R"({
  "name": "host",
  "modules": {
    "microphone": { "type": "audio.microphone" },
    "speaker": { "type": "audio.speaker" },
    "record": { "type": "audio.file_sink", "file": ")" + (folder / "tone.wav").string() + R"(" }
  },
  "links": ["microphone -> speaker", "microphone -> record"]
})", child_program::options{.environment = no_sound_devices(folder)});
    EXPECT_TRUE(host.wait_log("a tone is heard instead of a microphone: no sound device is there")) << host.log();
    EXPECT_TRUE(host.wait_log("no sound: no sound device is there; silence is played")) << host.log();
    EXPECT_TRUE(folder.wait([&] {
        std::error_code failed;
        return std::filesystem::file_size(folder / "tone.wav", failed) > 44100 && !failed;
    })) << host.log();
    EXPECT_THAT(host.mapped_files(), AllOf(HasSubstr("libportaudio"), HasSubstr("libsamplerate")));
    host.send(SIGTERM);
    EXPECT_EQ(host.wait(), exits_with(0)) << host.log();
}

TEST_F(sound_chain_test, sound_without_a_device_or_a_conversion_maps_no_library_for_them) {
    running_host host(folder, "host", R"({
  "name": "host",
  "modules": {
    "tone": { "type": "audio.tone" },
    "sound": { "type": "audio.tcp_server", "listen": "127.0.0.1:0" },
    "record": { "type": "audio.file_sink", "file": ")" + (folder / "tone.wav").string() + R"(" }
  },
  "links": ["tone -> sound", "tone -> record"]
})");
    ASSERT_TRUE(host.wait_ready()) << host.log();
    const auto mapped = host.mapped_files();
    EXPECT_THAT(mapped, HasSubstr("/audio.so"));
    for (const char* const heavy : {"portaudio", "samplerate", "sndfile", "libasound", "libjack", "audio-"}) {
        EXPECT_THAT(mapped, Not(HasSubstr(heavy)));
    }
    host.send(SIGTERM);
    EXPECT_EQ(host.wait(), exits_with(0)) << host.log();
}

}  // namespace
}  // namespace streamhost::test
