#include "support/keyboard.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "support/sound_server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>

namespace streamhost::test {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

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

    /// A host with one of the files; what is typed there comes from `keys`.
    std::unique_ptr<running_host> start(const std::string& file, const std::vector<std::string>& sets, const keyboard& keys) {
        child_program::options ends{.command = {}, .environment = {}, .input = keys.path()};
        for (const auto& set : sets) ends.command.insert(ends.command.end(), {"--set", set});
        auto host = std::make_unique<running_host>(folder, file, config(file), ends);
        EXPECT_TRUE(host->wait_ready()) << host->log();
        return host;
    }
    /// The ports of robot and operator, which free ones are put in for.
    static std::vector<std::string> ports(std::uint16_t video) {
        return {fmt::format("vars.video={}", video), fmt::format("vars.text={}", video - 1)};
    }
    bool wait_shown(const running_host& host, std::string_view text) const {
        return folder.wait([&] { return host.out().find(text) != std::string::npos; });
    }
    void expect_lines_both_ways(const running_host& robot, const running_host& op) {
        operator_keys.type("can you see me?");
        EXPECT_TRUE(wait_shown(robot, ": can you see me?\n")) << robot.log() << op.log();
        robot_keys.type("\u5f88\u6e05\u695a");
        EXPECT_TRUE(wait_shown(op, ": \u5f88\u6e05\u695a\n")) << robot.log() << op.log();
    }
    static void expect_good_end(running_host& first, running_host& second) {
        for (auto* each : {&first, &second}) each->send(SIGTERM);
        for (auto* each : {&first, &second}) EXPECT_EQ(each->wait(), exits_with(0)) << each->log();
    }

    scratch_folder folder;
    keyboard robot_keys{folder, "robot.keys"};
    keyboard operator_keys{folder, "operator.keys"};
};

TEST_F(config_test, every_file_is_right) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(STREAMHOST_CONFIG_FOLDER)) {
        files.push_back(entry.path().filename());
        EXPECT_EQ(run_streamhost(folder, {"check", entry.path()}).out, "ok\n") << entry.path();
    }
    std::ranges::sort(files);
    EXPECT_THAT(files, ElementsAreArray({"audio-player.json", "audio-server.json", "cache-relay.json", "cache-viewer.json",
                                         "drone.json", "duplex-operator.json", "duplex-robot.json", "operator.json", "patrol-recording.json", "patrol-viewer.json",
                                         "patrol.json",
                                         "raw-video-server.json", "raw-video-viewer.json", "robot.json"}))
        << "each is to be run by a test below";
}

TEST_F(config_test, listeners_open_to_a_network_only_where_one_is_allowed) {
    for (const auto* file : {"robot.json", "duplex-robot.json", "raw-video-server.json", "audio-server.json", "drone.json",
                             "cache-relay.json"}) {
        const auto path = (std::filesystem::path(STREAMHOST_CONFIG_FOLDER) / file).string();
        const auto refused = run_streamhost(folder, {"check", path, "--set", "vars.address=0.0.0.0"});
        EXPECT_EQ(refused.end, exits_with(2)) << file;
        EXPECT_THAT(refused.log + refused.out, HasSubstr("can be reached from other machines")) << file;
        EXPECT_EQ(run_streamhost(folder, {"check", path, "--set", "vars.address=0.0.0.0", "--set",
                                          "vars.allow=192.168.1.0/24"}).out, "ok\n") << file;
    }
}

TEST_F(config_test, the_operator_sees_the_robot_and_they_talk) {
    const auto at = ports(free_port());
    auto with_page = at;
    with_page.push_back("vars.web=0");
    const auto robot = start("robot.json", with_page, robot_keys);
    EXPECT_NE(robot->port("web"), 0);
    const auto snapshot = folder / "first.jpg";
    auto sets = at;
    sets.push_back("modules.screen.snapshot=" + snapshot.string());
    const auto op = start("operator.json", sets, operator_keys);
    EXPECT_TRUE(op->wait_log("fps, 400x")) << op->log() << robot->log();
    EXPECT_TRUE(std::filesystem::exists(snapshot));
    expect_lines_both_ways(*robot, *op);
    expect_good_end(*op, *robot);
}

TEST_F(config_test, duplex_robot_and_operator_see_each_other_and_talk) {
    const auto video = free_port();
    auto at = ports(video);
    at.push_back(fmt::format("vars.back={}", video - 3));
    const auto robot = start("duplex-robot.json", at, robot_keys);
    const auto op = start("duplex-operator.json", at, operator_keys);
    EXPECT_TRUE(op->wait_log("fps, 400x")) << op->log() << robot->log();
    EXPECT_TRUE(robot->wait_log("fps, 400x")) << op->log() << robot->log();
    expect_lines_both_ways(*robot, *op);
    expect_good_end(*op, *robot);
}

TEST_F(config_test, the_raw_video_viewer_shows_the_server_on_both_wires) {
    for (const auto* wire : {"vars.wire=pickle", "vars.wire=framed"}) {
        const auto server = start("raw-video-server.json", {"vars.port=0", wire}, robot_keys);
        const auto viewer = start("raw-video-viewer.json", {fmt::format("vars.port={}", server->port("video")), wire},
                                  operator_keys);
        EXPECT_TRUE(viewer->wait_log("fps, 640x480")) << viewer->log() << server->log();
        expect_good_end(*viewer, *server);
    }
}

TEST_F(config_test, the_viewers_of_the_cache_show_the_drone_on_both_wires) {
    const keyboard viewer_keys(folder, "viewer.keys");
    for (const auto* wire : {"vars.wire=pickle", "vars.wire=framed"}) {
        const auto drone = start("drone.json", {"vars.port=0", wire}, robot_keys);
        const auto cache = start("cache-relay.json",
                                 {fmt::format("vars.drone_port={}", drone->port("video")), "vars.port=0", wire}, operator_keys);
        const auto viewer = start("cache-viewer.json", {fmt::format("vars.port={}", cache->port("relay")), wire}, viewer_keys);
        EXPECT_TRUE(viewer->wait_log("fps, 320x")) << viewer->log() << cache->log() << drone->log();
        expect_good_end(*viewer, *cache);
        drone->send(SIGTERM);
        EXPECT_EQ(drone->wait(), exits_with(0)) << drone->log();
    }
}

TEST_F(config_test, the_audio_player_plays_the_audio_server) {
    // The tone, on a machine without a sound device: silence.
    running_host server(folder, "server", config("audio-server.json"), {"--set", "vars.port=0"});
    ASSERT_TRUE(server.wait_log("a tone is played: no file is named")) << server.log();
    ASSERT_TRUE(server.wait_ready()) << server.log();
    running_host player(folder, "player", config("audio-player.json"),
                        child_program::options{.command = {"--set", fmt::format("vars.port={}", server.port("sound"))},
                                               .environment = no_sound_devices(folder)});
    ASSERT_TRUE(player.wait_log("no sound: no sound device is there; silence is played")) << player.log() << server.log();
    for (const auto* each : {&player, &server}) each->send(SIGTERM);
    EXPECT_EQ(player.wait(), exits_with(0)) << player.log();
    EXPECT_EQ(server.wait(), exits_with(0)) << server.log();
}

}  // namespace
}  // namespace streamhost::test
