#include "support/frame_lines.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "tutorial_program.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <memory>

/// The tutorial of raw video over TCP, its own Python programs on one side and a host on the other.
namespace streamhost::test {
namespace {

using namespace std::chrono_literals;

constexpr auto clip_limit = 90s;  ///< ten seconds of video, on a machine that is busy

class raw_video_test : public ::testing::Test {
protected:
    /// The clip for ever, every picture of it to each viewer.
    std::unique_ptr<running_host> serve_clip() {
        auto server = std::make_unique<running_host>(folder, "server", fmt::format(R"({{
  "name": "server",
  "modules": {{
    "clip": {{ "type": "video.capture", "source": "{}", "loop": true }},
    "video": {{
      "type": "video.tcp_server", "listen": "127.0.0.1:0", "wire": "pickle",
      "viewers": {{ "queue": {{ "policy": "drop_oldest", "items": 64 }} }}
    }}
  }},
  "links": [{{ "path": "clip.frames -> video", "queue": {{ "policy": "drop_oldest", "items": 64 }} }}]
}})", tutorial_clip().string()));
        EXPECT_TRUE(server->wait_ready()) << server->log();
        return server;
    }

    std::unique_ptr<running_host> view(std::uint16_t port) const {
        return std::make_unique<running_host>(folder, "viewer", fmt::format(R"({{
  "name": "viewer",
  "modules": {{
    "video": {{ "type": "video.tcp_client", "connect": "127.0.0.1:{}", "wire": "pickle" }},
    "notes": {{ "type": "numbered.notes", "file": "{}" }}
  }},
  "links": [{{ "path": "video.frames -> notes", "queue": "wait" }}]
}})", port, seen().string()));
    }

    std::filesystem::path seen() const { return folder / "frames"; }

    std::unique_ptr<tutorial_program> python_viewer(const std::string& name, const running_host& server) {
        return std::make_unique<tutorial_program>(folder, name, "2", "client", server.port("video"));
    }

    bool wait_shown(const tutorial_program& program, std::size_t count) const {
        return folder.wait([&] { return program.count_shown() >= count || program.ended(); }, clip_limit) &&
               program.count_shown() >= count;
    }

    /// Every picture is one of the clip's, and each follows on the one before.
    static void expect_consecutive(const std::vector<shown_frame>& frames) {
        static const auto clip = tutorial_clip_hashes();
        ASSERT_EQ(clip.size(), static_cast<std::size_t>(clip_length));
        for (std::size_t i = 0; i < frames.size(); ++i) {
            ASSERT_TRUE(clip.contains(frames[i].number)) << "picture " << i;
            EXPECT_EQ(frames[i].hash, clip.at(frames[i].number)) << "pixels of picture " << frames[i].number;
            const int follows = i > 0 ? (frames[i - 1].number + 1) % clip_length : frames[i].number;
            ASSERT_EQ(frames[i].number, follows) << "the " << i << "th";
        }
    }

    scratch_folder folder;
};

TEST_F(raw_video_test, a_python_server_is_seen_to_its_last_picture) {
    // It sends its file as fast as it can, then None, and then it dies of that.
    const auto port = free_port();
    const auto viewer = view(port);
    tutorial_program server(folder, "server", "2", "server", port);
    ASSERT_TRUE(folder.wait([&] { return count_frames(seen()) >= clip_length; }, clip_limit))
        << viewer->log() << server.printed();
    ASSERT_EQ(server.wait(), exits_with(1)) << server.printed();

    const auto sent = server.shown();
    const auto came = read_frame_lines(seen());
    ASSERT_EQ(came.size(), static_cast<std::size_t>(clip_length));
    ASSERT_EQ(sent.size(), static_cast<std::size_t>(clip_length) + 1) << "the last one is the None";
    for (int i = 0; i < clip_length; ++i) {
        const auto at = static_cast<std::size_t>(i);
        ASSERT_EQ(came[at].number, i);
        EXPECT_EQ(sent[at].number, i);
        EXPECT_EQ(came[at].hash, sent[at].hash) << "picture " << i;
    }

    // The viewer lives on, and comes to whoever serves there next.
    EXPECT_TRUE(viewer->wait_log("no video from")) << viewer->log();
    running_host successor(folder, "successor", fmt::format(R"({{
  "modules": {{
    "source": {{ "type": "numbered.frames" }},
    "video": {{ "type": "video.tcp_server", "listen": "127.0.0.1:{}", "wire": "pickle" }}
  }},
  "links": ["source -> video"]
}})", port));
    EXPECT_TRUE(folder.wait([&] { return count_frames(seen()) > clip_length; })) << viewer->log() << successor.log();
}

TEST_F(raw_video_test, a_python_server_with_a_camera_is_seen_without_a_gap) {
    const auto port = free_port();
    const auto viewer = view(port);
    tutorial_program server(folder, "server", "2", "server", port, {"--cam", "loop"});
    ASSERT_TRUE(folder.wait([&] { return count_frames(seen()) >= clip_length + 10; }, clip_limit))
        << viewer->log() << server.printed();
    viewer->send(SIGTERM);
    EXPECT_EQ(viewer->wait(), exits_with(0)) << viewer->log();
    std::vector<shown_frame> came;
    for (const auto& each : read_frame_lines(seen())) came.push_back({each.number, each.hash});
    EXPECT_EQ(came.front().number, 0);
    expect_consecutive(came);
}

TEST_F(raw_video_test, a_python_viewer_sees_every_picture_of_a_host) {
    const auto server = serve_clip();
    const auto viewer = python_viewer("viewer", *server);
    ASSERT_TRUE(wait_shown(*viewer, clip_length + 10)) << server->log() << viewer->printed();
    expect_consecutive(viewer->shown());
    server->send(SIGTERM);
    EXPECT_EQ(server->wait(), exits_with(0)) << server->log();
}

TEST_F(raw_video_test, of_three_python_viewers_a_stopped_one_costs_the_others_nothing) {
    const auto server = serve_clip();
    const auto first = python_viewer("first", *server);
    const auto stopped = python_viewer("stopped", *server);
    const auto third = python_viewer("third", *server);
    for (const auto* each : {first.get(), stopped.get(), third.get()}) {
        ASSERT_TRUE(wait_shown(*each, 10)) << server->log() << each->printed();
    }
    stopped->send(SIGSTOP);
    const auto reached = first->count_shown() + clip_length;
    EXPECT_TRUE(wait_shown(*first, reached)) << server->log() << first->printed();
    EXPECT_TRUE(wait_shown(*third, reached)) << server->log() << third->printed();
    expect_consecutive(first->shown());
    expect_consecutive(third->shown());
}

}  // namespace
}  // namespace streamhost::test
