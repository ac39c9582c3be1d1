#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "topologies.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>
#include <vector>

namespace streamhost::test {
namespace {

/// Seconds since 1970, as strace writes them.
double wall_time() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Reads pickles for as long as they come and counts them.
void count_messages(std::uint16_t port, std::atomic<std::size_t>& count) {
    auto peer = raw_peer::connect_to(port);
    for (;;) {
        const auto prefix = peer.receive(8);
        if (prefix.size() < 8) break;
        std::uint64_t size = 0;
        std::memcpy(&size, prefix.data(), sizeof size);
        if (peer.receive(size).size() < size) break;
        ++count;
    }
}

/// Calls of the kernel that began between the two times; a call that another thread's interrupted has two lines.
std::size_t calls_between(const std::filesystem::path& trace, double from, double to) {
    std::ifstream file(trace);
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) {
        const auto time = std::strtod(line.c_str() + line.find(' '), nullptr);
        if (time >= from && time < to && line.find(" resumed>") == std::string::npos) ++count;
    }
    return count;
}

// The figure has no noise, so it can be held: one call for each viewer and frame, and hardly more for all together.
TEST(fan_out_calls_test, a_frame_for_one_more_viewer_is_one_call_more) {
    if (std::string_view(STREAMHOST_SANITIZER) != "") GTEST_SKIP() << "a sanitizer makes calls of its own";
    constexpr std::size_t viewers = 40, frames = 60;
    const scratch_folder folder;
    const auto wire = on_wire("pickle");
    const running_host server(folder, "server", serving("127.0.0.1:0", wire, {.width = 64, .height = 64, .fps = 30}));
    ASSERT_TRUE(server.wait_ready()) << server.log();
    child_program::options traced;
    traced.under = {"strace", "-f", "-ttt", "-o", folder / "trace"};
    running_host relay(folder, "relay", relaying(server.address("video"), "127.0.0.1:0", wire), traced);
    ASSERT_TRUE(relay.wait_ready()) << relay.log();

    std::atomic<std::size_t> received = 0;
    std::vector<std::thread> readers;
    for (std::size_t i = 0; i < viewers; ++i) {
        readers.emplace_back([port = relay.port("relay"), &received] { count_messages(port, received); });
    }
    EXPECT_TRUE(folder.wait([&] { return received > viewers * 5; }));
    const auto before = received.load();
    const auto from = wall_time();
    EXPECT_TRUE(folder.wait([&] { return received > before + viewers * frames; }));
    const auto sent = static_cast<double>(received.load() - before);
    const auto to = wall_time();
    ::kill(relay.host_pid(), SIGTERM);
    for (auto& each : readers) each.join();
    EXPECT_EQ(relay.wait(), exits_with(0)) << relay.log();

    const auto calls = static_cast<double>(calls_between(folder / "trace", from, to));
    EXPECT_GT(calls / sent, 0.9);
    EXPECT_LT(calls / sent, 1.3) << calls << " calls for " << sent << " messages";
}

}  // namespace
}  // namespace streamhost::test
