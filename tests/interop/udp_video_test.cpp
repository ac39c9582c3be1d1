#include "support/frame_lines.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "tutorial_program.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <memory>

/// The video of the tutorial "vidtext" (0) in UDP datagrams, without its chat: the Python programs on one side and a host
/// on the other, with users who say nothing.
namespace streamhost::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto clip_limit = 90s;
constexpr std::size_t enough = 120;  ///< pictures; four seconds of them

class udp_video_test : public ::testing::Test {
protected:
    /// The clip to whoever asks at `port`.
    static std::string sending_modules(std::uint16_t port) {
        return fmt::format(R"(
    "clip": {{ "type": "video.capture", "source": "{}", "loop": true }},
    "jpeg": {{ "type": "video.encode" }},
    "video": {{ "type": "video.udp_server", "listen": "127.0.0.1:{}" }})", tutorial_clip().string(), port);
    }
    std::string noting_modules() const {
        return fmt::format(R"(
    "pictures": {{ "type": "video.decode" }},
    "notes": {{ "type": "numbered.notes", "file": "{}", "hash": false }})", seen().string());
    }
    std::unique_ptr<running_host> start(const std::string& modules, const std::string& links) {
        auto host = std::make_unique<running_host>(
            folder, "host", fmt::format(R"({{"name": "host", "modules": {{{}}}, "links": [{}]}})", modules, links));
        EXPECT_TRUE(host->wait_ready()) << host->log();
        return host;
    }
    std::unique_ptr<tutorial_program> python(const std::string& system, const std::string& role, std::uint16_t port) {
        return std::make_unique<tutorial_program>(folder, role, system, role, port,
                                                  std::vector<std::string>{"--cam", "loop"});
    }

    std::filesystem::path seen() const { return folder / "frames"; }
    bool wait_shown(const tutorial_program& program, std::string_view window) const {
        return folder.wait([&] { return program.ended() || program.shown_in(window).size() >= enough; }, clip_limit) &&
               !program.ended();
    }
    bool wait_seen() const {
        return folder.wait([&] { return count_frames(seen()) >= enough; }, clip_limit);
    }

    /// Every module of the host is well, and it ends in peace.
    static void expect_good_end(running_host& host) {
        host.send(SIGTERM);
        EXPECT_EQ(host.wait(), exits_with(0)) << host.log();
        EXPECT_THAT(host.log(), Not(HasSubstr("failed")));
    }

    scratch_folder folder;
};

TEST_F(udp_video_test, a_vidtext_client_in_python_sees_the_video_of_a_host) {
    const auto port = free_port();
    const auto host = start(sending_modules(port), R"("clip -> jpeg -> video")");
    const auto client = python("0", "client", port);
    ASSERT_TRUE(wait_shown(*client, "RECEIVING")) << host->log() << client->printed();
    expect_clip_in_order(client->shown_in("RECEIVING"));
    client->send(SIGKILL);
    EXPECT_TRUE(host->wait_log("views no more: nobody receives there any more")) << host->log();
    expect_good_end(*host);
}

TEST_F(udp_video_test, a_vidtext_server_in_python_is_seen_by_a_host) {
    const auto port = free_port();
    const auto host = start(fmt::format(R"("video": {{ "type": "video.udp_client", "connect": "127.0.0.1:{}" }},)", port) +
                                noting_modules(),
                            R"("video -> pictures -> notes")");
    EXPECT_TRUE(host->wait_log("nobody receives there")) << host->log();
    const auto server = python("0", "server", port);
    ASSERT_TRUE(wait_seen()) << host->log() << server->printed();
    expect_clip_in_order(read_frame_lines(seen()));
    expect_good_end(*host);
}

}  // namespace
}  // namespace streamhost::test
