#include "sound_file.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "tutorial_program.hpp"
#include "wav_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <memory>
#include <random>

/// The tutorial of sound over TCP, its own Python programs on one side and a host on the other.
namespace streamhost::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string samples_of(const std::filesystem::path& file) {
    audio::sound_file sound(file);
    return std::string(sound.read(10'000'000).samples.as_text());
}

class sound_test : public ::testing::Test {
protected:
    /// Noise in the tutorials' format: every part of it is known by its samples. Its last chunk is a short one.
    std::filesystem::path make_noise(std::size_t frames) {
        std::mt19937 random(1);
        std::vector<std::int16_t> samples(frames * 2);
        for (auto& each : samples) each = static_cast<std::int16_t>(random());
        audio::wav_file file(folder / "noise.wav", {44100, 2, sample_format::s16});
        file.append(std::as_bytes(std::span(samples)));
        file.update_header();
        return file.path();
    }

    /// Viewers on a machine that is busy get every sample too.
    std::unique_ptr<running_host> serve(const std::filesystem::path& file, bool loop) {
        auto server = std::make_unique<running_host>(folder, "server", fmt::format(R"({{
  "name": "server",
  "modules": {{
    "file": {{ "type": "audio.file_source", "file": "{}", "loop": {} }},
    "sound": {{
      "type": "audio.tcp_server", "listen": "127.0.0.1:0", "wire": "pickle",
      "viewers": {{ "queue": {{ "items": 4096, "age_ms": 60000 }} }}
    }}
  }},
  "links": [{{ "path": "file -> sound", "queue": "wait" }}]
}})", file.string(), loop));
        EXPECT_TRUE(server->wait_ready()) << server->log();
        return server;
    }

    /// The tutorial's port is the one above that of the sound.
    std::unique_ptr<tutorial_program> python_player(const std::string& name, const running_host& server) {
        return std::make_unique<tutorial_program>(folder, name, "3", "client",
                                                  static_cast<std::uint16_t>(server.port("sound") + 1));
    }

    /// Where in `file`, played for ever, the sound begins that was played; nothing where it is none of it.
    static std::optional<std::size_t> place_in(const std::string& file, const std::string& played) {
        const auto twice = file + file;
        const auto at = twice.find(played.substr(0, std::min<std::size_t>(4096, played.size())));
        if (at == std::string::npos) return std::nullopt;
        for (std::size_t i = 0; i < played.size(); ++i) {
            if (played[i] != file[(at + i) % file.size()]) return std::nullopt;
        }
        return at;
    }

    scratch_folder folder;
};

TEST_F(sound_test, a_python_server_is_heard_to_its_last_sample_and_not_for_ever) {
    // It sends its file as fast as it can, and then empty messages without end.
    const auto port = free_port();
    const auto heard = folder / "heard.wav";
    running_host player(folder, "player", fmt::format(R"({{
  "name": "player",
  "modules": {{
    "sound": {{ "type": "audio.tcp_client", "connect": "127.0.0.1:{}", "wire": "pickle" }},
    "record": {{ "type": "audio.file_sink", "file": "{}" }}
  }},
  "links": [{{ "path": "sound -> record", "queue": "wait" }}]
}})", port - 1, heard.string()));
    tutorial_program server(folder, "server", "3", "server", port);
    EXPECT_TRUE(player.wait_log("the stream has ended")) << player.log() << server.printed();
    EXPECT_EQ(server.wait(), exits_with(0)) << "it ends when its listener has gone: " << server.printed();
    player.send(SIGTERM);
    EXPECT_EQ(player.wait(), exits_with(0)) << player.log();
    EXPECT_EQ(samples_of(heard), samples_of(tutorial_sound()));
}

TEST_F(sound_test, a_python_player_gets_every_sample_of_a_host_over_the_seam_of_a_loop) {
    const auto noise = samples_of(make_noise(44'100 + 680));
    const auto server = serve(folder / "noise.wav", true);
    const auto player = python_player("player", *server);
    ASSERT_TRUE(folder.wait([&] { return player->played().size() > 3 * noise.size() || player->ended(); }))
        << server->log() << player->printed();
    const auto played = player->played();
    ASSERT_GT(played.size(), 3 * noise.size()) << player->printed();
    EXPECT_TRUE(place_in(noise, played)) << "it differs";
    server->send(SIGTERM);
    EXPECT_EQ(server->wait(), exits_with(0)) << server->log();
}

TEST_F(sound_test, two_python_players_hear_the_end_of_the_file_and_end) {
    // Long enough for both to be there before its end, also on a machine that is busy.
    const auto noise = samples_of(make_noise(20 * 44'100 + 680));
    const auto server = serve(folder / "noise.wav", false);
    const auto first = python_player("first", *server);
    const auto second = python_player("second", *server);
    for (auto* each : {first.get(), second.get()}) {
        EXPECT_EQ(each->wait(60s), exits_with(1)) << each->printed();
        EXPECT_THAT(each->printed(), HasSubstr("Audio closed")) << "its way to say that the server is gone";
        const auto played = each->played();
        ASSERT_GT(played.size(), 44'100u);
        EXPECT_TRUE(noise.ends_with(played)) << "it differs";
    }
    EXPECT_EQ(server->wait(), exits_with(0)) << "the end of the file is the end of the stream: " << server->log();
}

}  // namespace
}  // namespace streamhost::test
