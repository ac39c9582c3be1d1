#include "support/frame_lines.hpp"
#include "support/running_host.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <memory>

/// Video in datagrams between real hosts, on each of the wires.
namespace streamhost::test {
namespace {

class datagram_video_test : public ::testing::TestWithParam<const char*> {
protected:
    /// `pictures` are settings of the source: R"("width": 1920)".
    std::unique_ptr<running_host> serve(std::string_view address, std::string_view pictures = R"("fps": 30)",
                                        int quality = 80) {
        return std::make_unique<running_host>(folder, "server", fmt::format(R"({{
  "name": "server",
  "modules": {{
    "source": {{ "type": "numbered.frames", {} }},
    "jpeg": {{ "type": "video.encode", "quality": {} }},
    "video": {{ "type": "video.udp_server", "listen": "{}", "wire": "{}" }}
  }},
  "links": ["source -> jpeg -> video"]
}})", pictures, quality, address, GetParam()));
    }

    /// Notes what it sees in `NAME.frames`.
    std::unique_ptr<running_host> view(const std::string& name, std::string_view address) {
        return std::make_unique<running_host>(folder, name, fmt::format(R"({{
  "name": "viewer",
  "modules": {{
    "video": {{ "type": "video.udp_client", "connect": "{}", "wire": "{}" }},
    "pictures": {{ "type": "video.decode" }},
    "notes": {{ "type": "numbered.notes", "file": "{}" }}
  }},
  "links": ["video -> pictures -> notes"]
}})", address, GetParam(), frames_of(name).string()));
    }
    std::filesystem::path frames_of(const std::string& name) const { return folder / (name + ".frames"); }
    bool wait_frames(const std::string& name, std::size_t count) const {
        return folder.wait([&] { return count_frames(frames_of(name)) >= count; });
    }

    scratch_folder folder;
};

TEST_P(datagram_video_test, two_viewers_see_pictures_that_are_numbered_upwards) {
    const auto server = serve("127.0.0.1:0");
    ASSERT_TRUE(server->wait_ready()) << server->log();
    const auto one = view("one", server->address("video"));
    const auto two = view("two", server->address("video"));
    for (const char* name : {"one", "two"}) {
        ASSERT_TRUE(wait_frames(name, 20)) << one->log() << two->log() << server->log();
        const auto frames = read_frame_lines(frames_of(name));
        for (std::size_t i = 1; i < frames.size(); ++i) ASSERT_GT(frames[i].number, frames[i - 1].number) << name;
    }
    one->send(SIGTERM);
    EXPECT_EQ(one->wait(), exits_with(0)) << one->log();
    EXPECT_TRUE(server->wait_log("views no more: it said bye")) << server->log();
    server->send(SIGTERM);
    EXPECT_EQ(server->wait(), exits_with(0)) << server->log();
}

TEST_P(datagram_video_test, a_viewer_that_is_killed_is_noticed_by_the_refusal_of_its_machine) {
    const auto server = serve("127.0.0.1:0");
    ASSERT_TRUE(server->wait_ready()) << server->log();
    const auto killed = view("killed", server->address("video"));
    const auto other = view("other", server->address("video"));
    ASSERT_TRUE(wait_frames("killed", 10)) << killed->log() << server->log();
    ASSERT_TRUE(wait_frames("other", 10)) << other->log() << server->log();
    killed->send(SIGKILL);
    EXPECT_TRUE(server->wait_log("views no more: nobody receives there any more")) << server->log();
    const auto before = count_frames(frames_of("other"));
    EXPECT_TRUE(wait_frames("other", before + 10)) << other->log();
}

TEST_P(datagram_video_test, a_viewer_comes_back_to_a_server_that_was_killed) {
    auto server = serve("127.0.0.1:0");
    ASSERT_TRUE(server->wait_ready()) << server->log();
    const auto address = server->address("video");
    const auto viewer = view("viewer", address);
    ASSERT_TRUE(wait_frames("viewer", 10)) << viewer->log();
    server->send(SIGKILL);
    EXPECT_TRUE(viewer->wait_log("no video from")) << viewer->log();
    (void)server->wait();
    const auto before = count_frames(frames_of("viewer"));
    server = serve(address);
    EXPECT_TRUE(wait_frames("viewer", before + 10)) << viewer->log() << server->log();
}

TEST_P(datagram_video_test, pictures_of_1080p_noise_arrive_as_the_wire_can_carry_them) {
    const auto server = serve("127.0.0.1:0", R"("width": 1920, "height": 1080, "fps": 2, "noise": true)", 95);
    ASSERT_TRUE(server->wait_ready()) << server->log();
    const auto viewer = view("viewer", server->address("video"));
    ASSERT_TRUE(wait_frames("viewer", 5)) << viewer->log() << server->log();
    for (const auto& frame : read_frame_lines(frames_of("viewer"))) EXPECT_GE(frame.number, 0) << "its number is legible";
}

INSTANTIATE_TEST_SUITE_P(wires, datagram_video_test, ::testing::Values("base64-jpeg", "rtp"), [](const auto& parameter) {
    return std::string(parameter.param) == "rtp" ? "rtp" : "base64_jpeg";
});

}  // namespace
}  // namespace streamhost::test
