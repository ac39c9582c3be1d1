#include "support/frame_lines.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "topologies.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <memory>
#include <set>

namespace streamhost::test {
namespace {

/// What both wires must do alike.
class streaming_test : public ::testing::TestWithParam<const char*> {
protected:
    std::string wire() const { return on_wire(GetParam()); }
    std::string settings() const { return wire() + std::string(patient_viewers); }

    /// A viewer that notes what it sees in `NAME.frames`.
    std::unique_ptr<running_host> view(const std::string& name, const std::string& address) const {
        return std::make_unique<running_host>(folder, name, viewing(address, frames_of(name), wire()));
    }
    std::filesystem::path frames_of(const std::string& name) const { return folder / (name + ".frames"); }

    /// Until `name` has seen so many pictures.
    bool wait_frames(const std::string& name, std::size_t count) const {
        return folder.wait([&] { return count_frames(frames_of(name)) >= count; });
    }

    scratch_folder folder;
};

INSTANTIATE_TEST_SUITE_P(, streaming_test, ::testing::Values("framed", "pickle"),
                         [](const auto& which) { return std::string(which.param); });

TEST_P(streaming_test, a_viewer_gets_every_picture_unchanged) {
    running_host server(folder, "server", serving("127.0.0.1:0", settings()));
    ASSERT_TRUE(server.wait_ready()) << server.log();
    const auto viewer = view("viewer", server.address("video"));
    ASSERT_TRUE(wait_frames("viewer", 60)) << viewer->log();
    const auto frames = read_frame_lines(frames_of("viewer"));
    EXPECT_EQ(first_gap(frames), "");
    std::set<std::string> hashes;
    for (const auto& frame : frames) hashes.insert(frame.hash);
    EXPECT_EQ(hashes.size(), frames.size()) << "pictures that differ arrive as pictures that differ";
}

TEST_P(streaming_test, a_server_without_more_pictures_lets_its_viewers_have_the_last_and_ends) {
    running_host server(folder, "server", serving("127.0.0.1:0", settings(), {.fps = 60, .count = 120}));
    ASSERT_TRUE(server.wait_ready()) << server.log();
    const auto viewer = view("viewer", server.address("video"));
    EXPECT_EQ(server.wait(), exits_with(0)) << server.log();
    EXPECT_TRUE(viewer->wait_log("no video from")) << "the viewer goes on: " << viewer->log();
    const auto frames = read_frame_lines(frames_of("viewer"));
    EXPECT_EQ(first_gap(frames), "");
    ASSERT_FALSE(frames.empty());
    EXPECT_EQ(frames.back().number, 119);
}

TEST_P(streaming_test, SIGTERM_ends_either_side_in_peace) {
    running_host server(folder, "server", serving("127.0.0.1:0", settings()));
    ASSERT_TRUE(server.wait_ready()) << server.log();
    const auto viewer = view("viewer", server.address("video"));
    ASSERT_TRUE(wait_frames("viewer", 10)) << viewer->log();
    viewer->send(SIGTERM);
    EXPECT_EQ(viewer->wait(), exits_with(0)) << viewer->log();
    EXPECT_TRUE(frames_ended(frames_of("viewer"))) << "the drain reached the end of the graph";
    server.send(SIGTERM);
    EXPECT_EQ(server.wait(), exits_with(0)) << server.log();
}

TEST_P(streaming_test, a_viewer_that_stands_still_costs_the_others_nothing) {
    running_host server(folder, "server", serving("127.0.0.1:0", settings(), {.fps = 60}));
    ASSERT_TRUE(server.wait_ready()) << server.log();
    const auto address = server.address("video");
    const auto first = view("first", address);
    const auto stopped = view("stopped", address);
    const auto third = view("third", address);
    for (const auto* name : {"first", "stopped", "third"}) ASSERT_TRUE(wait_frames(name, 10)) << server.log();
    stopped->send(SIGSTOP);
    const auto reached = count_frames(frames_of("first")) + 300;
    EXPECT_TRUE(wait_frames("first", reached)) << first->log();
    EXPECT_TRUE(wait_frames("third", reached - 10)) << third->log();
    EXPECT_EQ(first_gap(read_frame_lines(frames_of("first"))), "");
    EXPECT_EQ(first_gap(read_frame_lines(frames_of("third"))), "");
    stopped->send(SIGCONT);
    const auto last = read_frame_lines(frames_of("first")).back().number;
    EXPECT_TRUE(folder.wait([&] {
        const auto frames = read_frame_lines(frames_of("stopped"));
        return !frames.empty() && frames.back().number > last;
    })) << "it is back with the living";
}

}  // namespace
}  // namespace streamhost::test
