#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "support/sound_server.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace streamhost::test {
namespace {

using ::testing::ElementsAreArray;

/// The topologies that the project ships, on ports that are free here and without a display. A camera is used where
/// there is one.
class config_test : public ::testing::Test {
protected:
    config_test() {
        ::unsetenv("DISPLAY");
        ::unsetenv("WAYLAND_DISPLAY");
    }

    static std::string config(std::string_view name) {
        return read_file(std::filesystem::path(STREAMHOST_CONFIG_FOLDER) / name);
    }

    scratch_folder folder;
};

TEST_F(config_test, every_file_is_right) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(STREAMHOST_CONFIG_FOLDER)) {
        files.push_back(entry.path().filename());
        EXPECT_EQ(run_streamhost(folder, {"check", entry.path()}).out, "ok\n") << entry.path();
    }
    std::ranges::sort(files);
    EXPECT_THAT(files, ElementsAreArray({"audio-player.json", "audio-server.json", "robot.json", "viewer.json"}))
        << "each is to be run by a test below";
}

TEST_F(config_test, the_viewer_shows_the_robot) {
    running_host robot(folder, "robot", config("robot.json"), {"--set", "vars.listen=127.0.0.1:0"});
    ASSERT_TRUE(robot.wait_ready()) << robot.log();
    const auto snapshot = folder / "first.jpg";
    running_host viewer(folder, "viewer", config("viewer.json"),
                        {"--set", "vars.connect=" + robot.address("video"), "--set",
                         "modules.screen.snapshot=" + snapshot.string()});
    ASSERT_TRUE(viewer.wait_log("fps, 640x")) << viewer.log() << robot.log();
    EXPECT_TRUE(std::filesystem::exists(snapshot));
    for (const auto* each : {&viewer, &robot}) each->send(SIGTERM);
    EXPECT_EQ(viewer.wait(), exits_with(0)) << viewer.log();
    EXPECT_EQ(robot.wait(), exits_with(0)) << robot.log();
}

TEST_F(config_test, the_audio_player_plays_the_audio_server) {
    // The tone, on a machine without a sound device: silence.
    running_host server(folder, "server", config("audio-server.json"), {"--set", "vars.listen=127.0.0.1:0"});
    ASSERT_TRUE(server.wait_log("a tone is played: no file is named")) << server.log();
    ASSERT_TRUE(server.wait_ready()) << server.log();
    running_host player(folder, "player", config("audio-player.json"),
                        child_program::options{.command = {"--set", "vars.connect=" + server.address("sound")},
                                               .environment = no_sound_devices(folder)});
    ASSERT_TRUE(player.wait_log("no sound: no sound device is there; silence is played")) << player.log() << server.log();
    for (const auto* each : {&player, &server}) each->send(SIGTERM);
    EXPECT_EQ(player.wait(), exits_with(0)) << player.log();
    EXPECT_EQ(server.wait(), exits_with(0)) << server.log();
}

}  // namespace
}  // namespace streamhost::test
