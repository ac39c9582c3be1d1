#include "support/frame_lines.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "tutorial_program.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <memory>
#include <set>

/// The tutorial of a drone, a cache and many clients: its own Python programs, with a host in the place of one of them.
namespace streamhost::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr auto busy_limit = 90s;  ///< a few seconds of video, on a machine that is busy
constexpr std::size_t compared = 100;

class relay_test : public ::testing::Test {
protected:
    using program = std::unique_ptr<tutorial_program>;

    static std::string at(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

    program python(const std::string& name, std::string_view role, std::uint16_t drone, std::uint16_t cache,
                   const std::string& camera = "loop") {
        return std::make_unique<tutorial_program>(
            folder, name, "4", role, drone,
            std::vector<std::string>{"--cam", camera, "--drone", at(drone), "--cache", at(cache)});
    }

    /// Each viewer gets every picture.
    std::unique_ptr<running_host> relay(std::uint16_t drone) {
        auto host = std::make_unique<running_host>(folder, "relay", fmt::format(R"({{
  "name": "cache",
  "log": "debug",
  "modules": {{
    "relay": {{
      "type": "relay.stream", "upstream": "{}", "listen": "127.0.0.1:0", "wire": "pickle",
      "viewers": {{ "queue": {{ "policy": "drop_oldest", "items": 64 }} }}
    }}
  }}
}})", at(drone)));
        EXPECT_TRUE(host->wait_ready()) << host->log();
        return host;
    }

    bool wait_shown(const tutorial_program& program, std::size_t count) const {
        return folder.wait([&] { return program.count_shown() >= count || program.ended(); }, busy_limit) &&
               program.count_shown() >= count;
    }

    /// Each picture once, in order, none left out, and with the pixels that the drone has sent.
    static void expect_passed(const std::vector<shown_frame>& seen, const std::map<int, std::string>& sent) {
        ASSERT_FALSE(seen.empty());
        for (std::size_t i = 0; i < seen.size(); ++i) {
            ASSERT_TRUE(sent.contains(seen[i].number)) << "picture " << i;
            EXPECT_EQ(seen[i].hash, sent.at(seen[i].number)) << "pixels of picture " << seen[i].number;
            const int follows = i > 0 ? (seen[i - 1].number + 1) % clip_length : seen[i].number;
            ASSERT_EQ(seen[i].number, follows) << "the " << i << "th";
        }
    }
    static std::map<int, std::string> by_number(const std::vector<shown_frame>& frames) {
        std::map<int, std::string> hashes;
        for (const auto& each : frames) hashes[each.number] = each.hash;
        return hashes;
    }

    scratch_folder folder;
};

TEST_F(relay_test, python_clients_see_every_picture_of_a_python_drone_through_a_host) {
    // The clients come before the drone: a None, as the Python cache sends it then, would be their end.
    const auto drone_port = free_port();
    const auto between = relay(drone_port);
    const auto cache_port = between->port("relay");
    const auto first = python("first", "client", drone_port, cache_port);
    const auto second = python("second", "client", drone_port, cache_port);
    ASSERT_TRUE(between->wait_log("came; 2 are here", busy_limit)) << first->printed() << between->log();
    const auto drone = python("drone", "drone", drone_port, cache_port);
    for (const auto* each : {first.get(), second.get()}) {
        ASSERT_TRUE(wait_shown(*each, compared)) << between->log() << each->printed() << drone->printed();
    }
    const auto late = python("late", "client", drone_port, cache_port);
    ASSERT_TRUE(wait_shown(*late, compared + 10)) << between->log() << late->printed();
    const auto sent = by_number(drone->shown());  // a moment after it has sent them
    for (const auto* each : {first.get(), second.get(), late.get()}) {
        auto seen = each->shown();
        seen.resize(compared);
        expect_passed(seen, sent);
    }
    between->send(SIGTERM);
    EXPECT_EQ(between->wait(), exits_with(0)) << between->log();
}

TEST_F(relay_test, a_python_drone_whose_file_ends_is_dialled_again_and_the_client_stays) {
    // It closes the connection at the end of its file, and plays it anew for the next one.
    const auto drone_port = free_port();
    const auto between = relay(drone_port);
    const auto client = python("client", "client", drone_port, between->port("relay"));
    const auto drone = python("drone", "drone", drone_port, between->port("relay"), "file");
    ASSERT_TRUE(folder.wait([&] { return drone->count_shown() > 2 * clip_length || client->ended(); }, busy_limit))
        << between->log() << client->printed() << drone->printed();
    const auto before = client->count_shown();
    ASSERT_TRUE(wait_shown(*client, before + 30)) << between->log() << client->printed();
    EXPECT_THAT(between->log(), HasSubstr("no stream from"));
}

}  // namespace
}  // namespace streamhost::test
