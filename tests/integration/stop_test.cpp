#include "support/frame_lines.hpp"
#include "support/pseudo_terminal.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "topologies.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <random>
#include <vector>

namespace streamhost::test {
namespace {

using namespace std::chrono_literals;

/// From the signal to the end of a host, at any moment.
constexpr auto stop_limit = 6s;

class stop_test : public ::testing::Test {
protected:
    /// Repeatable: STREAMHOST_SEED as printed.
    static std::mt19937 random() {
        const char* const wanted = std::getenv("STREAMHOST_SEED");
        const auto seed = wanted == nullptr ? std::random_device{}()
                                            : static_cast<unsigned>(std::strtoul(wanted, nullptr, 10));
        std::printf("STREAMHOST_SEED=%u\n", seed);
        return std::mt19937(seed);
    }

    scratch_folder folder;
};

TEST_F(stop_test, SIGTERM_at_any_moment_is_a_clean_end) {
    auto any = random();
    for (int i = 0; i < 20; ++i) {
        running_host host(folder, "server", serving("127.0.0.1:0"));
        // A start takes some 20 ms; half of the moments lie in it.
        const std::chrono::milliseconds moment(i % 2 == 0 ? any() % 20 : any() % 300);
        (void)host.wait(moment);
        // Until the program has loaded its libraries and looks after its signals, the kernel just ends it.
        const bool in_its_hands = host.blocks_signal(SIGTERM);
        host.send(SIGTERM);
        const auto end = host.wait(stop_limit);
        const bool before_main = !in_its_hands && end == killed_by(SIGTERM) && host.log().empty();
        EXPECT_TRUE(end == exits_with(0) || before_main)
            << ::testing::PrintToString(end) << " after " << moment.count() << " ms: " << host.log();
        std::filesystem::remove(host.log_file());
    }
}

TEST_F(stop_test, SIGTERM_while_viewers_take_nothing) {
    running_host server(folder, "server", serving("127.0.0.1:0", patient_viewers, {.width = 640, .height = 480, .fps = 60}));
    ASSERT_TRUE(server.wait_ready()) << server.log();
    const auto file = folder / "frames";
    running_host viewer(folder, "viewer", viewing(server.address("video"), file));
    std::vector<raw_peer> silent;  // has said nothing yet
    for (int i = 0; i < 3; ++i) silent.push_back(raw_peer::connect_to(server.port("video"), 4096));
    ASSERT_TRUE(folder.wait([&] { return count_frames(file) > 10; })) << viewer.log();
    viewer.send(SIGSTOP);
    // By then the kernel's buffers are full, and the server has pictures in its hands that the viewer does not take.
    const auto second = folder / "second";
    running_host witness(folder, "witness", viewing(server.address("video"), second));
    ASSERT_TRUE(folder.wait([&] { return count_frames(second) > 60; })) << witness.log();

    server.send(SIGTERM);
    EXPECT_EQ(server.wait(stop_limit), exits_with(0)) << server.log();
    EXPECT_EQ(first_gap(read_frame_lines(second)), "");
}

TEST_F(stop_test, SIGTERM_while_raw_viewers_take_nothing) {
    running_host server(folder, "server", serving("127.0.0.1:0", on_wire("pickle"), {.width = 640, .height = 480, .fps = 60}));
    ASSERT_TRUE(server.wait_ready()) << server.log();
    std::vector<raw_peer> stalled;
    for (int i = 0; i < 8; ++i) stalled.push_back(raw_peer::connect_to(server.port("video"), 4096));
    for (auto& each : stalled) ASSERT_EQ(each.receive(1000).size(), 1000);
    server.send(SIGTERM);
    EXPECT_EQ(server.wait(stop_limit), exits_with(0)) << server.log();
}

TEST_F(stop_test, SIGTERM_of_a_viewer_that_has_no_server) {
    const reserved_port port;
    running_host viewer(folder, "viewer", viewing(port.address(), folder / "frames"));
    ASSERT_TRUE(viewer.wait_log("no video from " + port.address())) << viewer.log();
    viewer.send(SIGTERM);
    EXPECT_EQ(viewer.wait(stop_limit), exits_with(0)) << viewer.log();
}

TEST_F(stop_test, SIGTERM_in_the_middle_of_a_message) {
    raw_listener server;
    running_host viewer(folder, "viewer",
                        viewing("127.0.0.1:" + std::to_string(server.port()), folder / "frames", on_wire("pickle")));
    auto session = server.accept();
    ASSERT_TRUE(session.send(u64(1000) + "half a message"));
    ASSERT_TRUE(viewer.wait_ready()) << viewer.log();
    viewer.send(SIGTERM);
    EXPECT_EQ(viewer.wait(stop_limit), exits_with(0)) << viewer.log();
}

TEST_F(stop_test, SIGINT_ends_like_SIGTERM) {
    running_host host(folder, "server", serving("127.0.0.1:0"));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    host.send(SIGINT);
    EXPECT_EQ(host.wait(stop_limit), exits_with(0)) << host.log();
    EXPECT_THAT(host.log(), ::testing::HasSubstr("server ends: SIGINT"));
}

TEST_F(stop_test, a_terminal_that_closes_ends_like_SIGTERM) {
    pseudo_terminal window;
    child_program::options at_terminal;
    at_terminal.terminal = window.path();
    running_host host(folder, "server", serving("127.0.0.1:0"), at_terminal);
    ASSERT_TRUE(host.wait_ready()) << host.log();
    window.hang_up();     // the kernel sends one SIGHUP,
    host.send(SIGHUP);    // and a shell another
    EXPECT_EQ(host.wait(stop_limit), exits_with(0));
}

TEST_F(stop_test, SIGHUP_under_nohup_does_nothing) {
    const auto topology = folder.write("server.json", serving("127.0.0.1:0"));
    child_program host(folder, "server", {.command = {"nohup", STREAMHOST_PROGRAM, "--topology", topology, "--modules",
                                                      STREAMHOST_TEST_MODULES, "--ready-file", folder / "ready"},
                                          .environment = {}});
    ASSERT_TRUE(folder.wait([&] { return std::filesystem::exists(folder / "ready"); })) << host.log();
    host.send(SIGHUP);
    host.send(SIGTERM);
    EXPECT_EQ(host.wait(stop_limit), exits_with(0)) << host.log();
    EXPECT_THAT(host.log(), ::testing::HasSubstr("server ends: SIGTERM"));
}

TEST_F(stop_test, a_second_SIGINT_ends_at_once) {
    running_host server(folder, "server", serving("127.0.0.1:0", on_wire("pickle"), {.width = 640, .height = 480, .fps = 60}));
    ASSERT_TRUE(server.wait_ready()) << server.log();
    auto stalled = raw_peer::connect_to(server.port("video"), 4096);  // for whom a drain would wait
    ASSERT_EQ(stalled.receive(1000).size(), 1000);
    server.send(SIGINT);
    ASSERT_TRUE(server.wait_log("server ends: SIGINT"));
    server.send(SIGINT);
    EXPECT_EQ(server.wait(stop_limit), exits_with(128 + SIGINT)) << server.log();
}

}  // namespace
}  // namespace streamhost::test
