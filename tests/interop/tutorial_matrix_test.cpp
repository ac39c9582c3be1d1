#include "sound_file.hpp"
#include "support/frame_lines.hpp"
#include "support/keyboard.hpp"
#include "support/own_network.hpp"
#include "support/running_host.hpp"
#include "support/sound_server.hpp"
#include "tutorial_program.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <memory>

/// The eleven programs of the five tutorials, each replaced by a host with the topology of config/ that docs/tutorials.md
/// pairs with it, while the others of its system are the original ones. Every cell has a network of its own, and in it the
/// ports that the tutorials have: nothing but the source of the pictures and where they end is changed.
namespace streamhost::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto cell_limit = 60s;
constexpr std::size_t enough = 90;  ///< pictures; three seconds of them

class tutorial_matrix : public ::testing::Test {
protected:
    void SetUp() override {
        ::unsetenv("DISPLAY");
        ::unsetenv("WAYLAND_DISPLAY");
        // What is to be made or converted is made in the usual network.
        clip = tutorial_clip();
        if (const auto refused = enter_own_network(); !refused.empty()) {
            GTEST_SKIP() << "this system gives no network namespace: " << refused;
        }
    }

    using overrides = std::vector<std::string>;

    /// The host in place of one of the programs, with a user who types at `keys`.
    std::unique_ptr<running_host> ours(const std::string& file, const overrides& sets,
                                       std::vector<std::pair<std::string, std::string>> environment = {}) {
        child_program::options ends{.command = {}, .environment = std::move(environment), .input = keys.path()};
        for (const auto& set : sets) ends.command.insert(ends.command.end(), {"--set", set});
        const auto topology = read_file(std::filesystem::path(STREAMHOST_CONFIG_FOLDER) / file);
        auto host = std::make_unique<running_host>(folder, "ours", topology, ends);
        EXPECT_TRUE(host->wait_ready()) << host->log();
        return host;
    }
    /// The clip in place of the camera.
    overrides plays_clip() const { return {"vars.source=" + clip.string(), "modules.camera.loop=true"}; }
    /// A list of what arrives in place of the window.
    overrides notes_pictures(bool hash) const {
        return {fmt::format(R"(modules.screen={{"type": "numbered.notes", "file": "{}", "hash": {}}})", seen().string(), hash)};
    }

    /// An original program; who types there writes to `theirs_keys`.
    std::unique_ptr<tutorial_program> original(const std::string& system, const std::string& role,
                                               std::vector<std::string> arguments = {}) {
        return std::make_unique<tutorial_program>(folder, role, system, role, arguments);
    }
    std::unique_ptr<tutorial_program> original_with_user(const std::string& system, const std::string& role) {
        return original(system, role, {"--cam", "loop", "--fifo", (folder / "theirs").string()});
    }
    void type_at_original(std::string_view line) { std::ofstream(folder / "theirs") << line << '\n' << std::flush; }

    std::filesystem::path seen() const { return folder / "seen"; }

    bool wait_for(const child_program& program, const std::function<bool()>& condition) const {
        return folder.wait([&] { return condition() || program.ended(); }, cell_limit) && condition();
    }
    void expect_lines_both_ways(const running_host& host, const tutorial_program& program, std::string_view role) {
        keys.type("gr\u00fc\u00dfe \u4f60\u597d from ours");
        const auto printed = fmt::format("{} TEXT RECEIVED: gr\u00fc\u00dfe \u4f60\u597d from ours\n", role);
        EXPECT_TRUE(wait_for(program, [&] { return program.printed().find(printed) != std::string::npos; }))
            << program.printed() << host.log();
        type_at_original("\u00e0 vous \U0001f44b from theirs");
        EXPECT_TRUE(wait_for(program, [&] {
            return host.out().find("\u00e0 vous \U0001f44b from theirs\n") != std::string::npos;
        })) << host.out() << host.log();
    }

    /// Every pixel is the clip's.
    template <class Frames>
    static void expect_pixels(const Frames& frames, int width = 0) {
        const auto clip_hashes = tutorial_clip_hashes(width);
        for (const auto& each : frames) {
            ASSERT_TRUE(clip_hashes.contains(each.number)) << each.number;
            ASSERT_EQ(each.hash, clip_hashes.at(each.number)) << "picture " << each.number;
        }
    }

    bool wait_shown(const tutorial_program& program, std::string_view window = "") const {
        return wait_for(program, [&] { return program.shown_in(window).size() >= enough; });
    }
    bool wait_seen(const child_program& source) const {
        return wait_for(source, [&] { return count_frames(seen()) >= enough; });
    }

    /// Nothing of the host has failed, and it ends in peace.
    static void expect_good_end(running_host& host) {
        host.send(SIGTERM);
        EXPECT_EQ(host.wait(), exits_with(0)) << host.log();
        EXPECT_THAT(host.log(), Not(HasSubstr("failed")));
    }

    scratch_folder folder;
    keyboard keys{folder, "ours.keys"};
    std::filesystem::path clip;
};

TEST_F(tutorial_matrix, vidtext_server) {
    auto sets = plays_clip();
    sets.push_back("vars.web=0");
    const auto host = ours("robot.json", sets);
    const auto client = original_with_user("0", "client");
    ASSERT_TRUE(wait_shown(*client, "RECEIVING")) << client->printed() << host->log();
    expect_clip_in_order(client->shown_in("RECEIVING"));
    expect_lines_both_ways(*host, *client, "SERVER");
    // The client ends by its chat.
    client->send(SIGKILL);
    EXPECT_TRUE(host->wait_log("views no more")) << host->log();
    expect_good_end(*host);
}

TEST_F(tutorial_matrix, vidtext_client) {
    const auto host = ours("operator.json", notes_pictures(false));
    const auto server = original_with_user("0", "server");
    ASSERT_TRUE(wait_seen(*server)) << server->printed() << host->log();
    expect_clip_in_order(read_frame_lines(seen()));
    expect_lines_both_ways(*host, *server, "CLIENT");
    expect_good_end(*host);
}

TEST_F(tutorial_matrix, chat_server) {
    auto sets = plays_clip();
    sets.push_back(notes_pictures(false).front());
    const auto host = ours("duplex-robot.json", sets);
    const auto client = original_with_user("1", "client");
    ASSERT_TRUE(wait_shown(*client, "RECEIVING")) << client->printed() << host->log();
    ASSERT_TRUE(wait_seen(*client)) << client->printed() << host->log();
    expect_clip_in_order(client->shown_in("RECEIVING"));
    expect_clip_in_order(read_frame_lines(seen()));
    expect_lines_both_ways(*host, *client, "SERVER");
    expect_good_end(*host);
}

TEST_F(tutorial_matrix, chat_client) {
    auto sets = plays_clip();
    sets.push_back(notes_pictures(false).front());
    const auto host = ours("duplex-operator.json", sets);
    const auto server = original_with_user("1", "server");
    ASSERT_TRUE(wait_shown(*server, "RECEIVING")) << server->printed() << host->log();
    ASSERT_TRUE(wait_seen(*server)) << server->printed() << host->log();
    expect_clip_in_order(server->shown_in("RECEIVING"));
    expect_clip_in_order(read_frame_lines(seen()));
    expect_lines_both_ways(*host, *server, "CLIENT");
    expect_good_end(*host);
}

TEST_F(tutorial_matrix, raw_video_server) {
    const auto host = ours("raw-video-server.json", plays_clip());
    const auto client = original("2", "client");
    ASSERT_TRUE(wait_shown(*client)) << client->printed() << host->log();
    expect_clip_in_order(client->shown());
    expect_pixels(client->shown());
    expect_good_end(*host);
}

TEST_F(tutorial_matrix, raw_video_client) {
    const auto host = ours("raw-video-viewer.json", notes_pictures(true));
    const auto server = original("2", "server", {"--cam", "loop"});
    ASSERT_TRUE(wait_seen(*server)) << server->printed() << host->log();
    expect_clip_in_order(read_frame_lines(seen()));
    expect_pixels(read_frame_lines(seen()));
    expect_good_end(*host);
}

std::string samples_of(const std::filesystem::path& file) {
    audio::sound_file sound(file);
    return std::string(sound.read(10'000'000).samples.as_text());
}

TEST_F(tutorial_matrix, audio_server) {
    // The queue is for a machine that is busy.
    const auto host = ours("audio-server.json", {"vars.file=" + tutorial_sound().string(),
                                                 R"(modules.sound.viewers={"queue": {"items": 4096, "age_ms": 60000}})"});
    const auto client = original("3", "client");
    constexpr std::size_t three_seconds = 3 * 44'100 * 4;
    ASSERT_TRUE(wait_for(*client, [&] { return client->played().size() > three_seconds; })) << client->printed() << host->log();
    // It plays over and over.
    const auto sound = samples_of(tutorial_sound());
    EXPECT_NE((sound + sound).find(client->played().substr(0, three_seconds)), std::string::npos) << "it differs";
    expect_good_end(*host);
}

TEST_F(tutorial_matrix, audio_client) {
    sound_server speaker(folder, 44100);
    // The buffer is for a machine that is busy.
    const auto host = ours("audio-player.json", {"modules.speaker.buffer=2000"}, speaker.environment());
    const auto server = original("3", "server");
    const auto sent = samples_of(tutorial_sound());
    std::string difference;
    const auto heard = [&](std::string_view played) {
        difference = compare_sound(played, sent);
        return difference.empty();
    };
    EXPECT_TRUE(speaker.wait_recorded(heard, 90s)) << difference << host->log() << server->printed();
    expect_good_end(*host);
}

/// The drone and the cache have the same port, on two machines.
const std::vector<std::string> cached{"--drone", "127.0.0.1:9999", "--cache", "127.0.0.2:9999", "--cam", "loop"};

TEST_F(tutorial_matrix, cache_drone) {
    auto sets = plays_clip();
    sets.emplace_back("log=debug");
    const auto host = ours("drone.json", sets);
    const auto cache = original("4", "cache-server", cached);
    // It serves None for as long as it has no picture, which its own client dies of.
    ASSERT_TRUE(host->wait_log("viewer 127.0.0.1", cell_limit)) << host->log() << cache->printed();
    const auto client = original("4", "client", cached);
    ASSERT_TRUE(wait_shown(*client)) << client->printed() << cache->printed() << host->log();
    expect_pixels(client->shown(), 320);
    expect_good_end(*host);
}

TEST_F(tutorial_matrix, cache_server) {
    const auto host = ours("cache-relay.json", {"vars.address=127.0.0.2", "vars.port=9999"});
    const auto drone = original("4", "drone", cached);
    const auto client = original("4", "client", cached);
    ASSERT_TRUE(wait_shown(*client)) << client->printed() << drone->printed() << host->log();
    expect_clip_in_order(client->shown());
    expect_pixels(client->shown(), 320);
    expect_good_end(*host);
}

TEST_F(tutorial_matrix, cache_client) {
    auto sets = notes_pictures(true);
    sets.insert(sets.end(), {"vars.relay=127.0.0.2", "vars.port=9999"});
    const auto drone = original("4", "drone", cached);
    // The cache dials it once.
    ASSERT_TRUE(wait_for(*drone, [&] { return drone->printed().find("Listening") != std::string::npos; }));
    const auto cache = original("4", "cache-server", cached);
    const auto host = ours("cache-viewer.json", sets);
    ASSERT_TRUE(wait_seen(*drone)) << drone->printed() << cache->printed() << host->log();
    expect_pixels(read_frame_lines(seen()), 320);
    expect_good_end(*host);
}

}  // namespace
}  // namespace streamhost::test
