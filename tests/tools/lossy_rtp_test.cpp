#include "decisions.hpp"

#include "support/frame_lines.hpp"
#include "support/running_host.hpp"

#include <streamhost/control.hpp>

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <vector>

namespace streamhost::test {
namespace {

namespace json = boost::json;

/// A counter of an instance of a running host.
std::uint64_t metric(const running_host& host, std::string_view instance, std::string_view name) {
    const auto answer = ask_host(host.control(), {{"do", "status"}});
    for (const auto& each : answer.at("status").at("instances").as_array()) {
        if (each.at("name").as_string() == instance) return each.at("metrics").at(name).at("value").to_number<std::uint64_t>();
    }
    return 0;
}

constexpr std::uint64_t seed = 11;
constexpr double loss = 0.05;

/// Which of the packets the proxy takes: the same as there, since chance is seeded.
std::vector<bool> losses(std::size_t packets) {
    fault_proxy::decisions from(seed, fault_proxy::direction::up, 0, {.loss = loss});
    std::vector<bool> lost;
    for (std::size_t i = 0; i < packets; ++i) lost.push_back(from.next().lose);
    return lost;
}

// One packet in twenty never comes: a picture of which one is missing is not shown, and the counters say how many those were.
TEST(lossy_rtp_test, pictures_that_arrive_are_whole_and_the_loss_that_is_shown_is_the_true_one) {
    constexpr int pictures = 300;
    const scratch_folder folder;
    const running_host receiver(folder, "receiver", fmt::format(R"({{ "name": "receiver", "modules": {{
        "video": {{ "type": "video.udp_receiver", "listen": "127.0.0.1:0", "wire": "rtp" }},
        "picture": {{ "type": "video.decode" }},
        "notes": {{ "type": "numbered.notes", "file": "{}", "hash": false }} }},
        "links": [{{ "path": "video -> picture -> notes", "queue": {{ "policy": "drop_oldest", "items": 512 }} }}] }})",
                                                                (folder / "notes").string()));
    ASSERT_TRUE(receiver.wait_ready()) << receiver.log();
    child_program proxy(folder, "proxy", {.command = {FAULT_PROXY_PROGRAM, "--udp", "--to", receiver.address("video"), "--listen", "127.0.0.1:0",
                                                      "--seed", std::to_string(seed), "--loss", std::to_string(loss), "--ready-file", folder / "proxy.ready"},
                                          .environment = {}});
    ASSERT_TRUE(folder.wait([&] { return std::filesystem::exists(folder / "proxy.ready"); })) << proxy.log();
    const std::string address(json::parse(read_file(folder / "proxy.ready")).at("address").as_string());
    running_host sender(folder, "sender", fmt::format(R"({{ "name": "sender", "modules": {{
        "source": {{ "type": "numbered.frames", "width": 320, "height": 240, "fps": 60, "count": {} }},
        "jpeg": {{ "type": "video.encode", "quality": 90 }},
        "video": {{ "type": "video.udp_sender", "connect": "{}", "wire": "rtp" }} }},
        "links": [{{ "path": "source -> jpeg -> video", "queue": {{ "policy": "drop_oldest", "items": 512 }} }}] }})",
                                                      pictures, address));
    EXPECT_EQ(sender.wait(std::chrono::minutes(1)), exits_with(0)) << sender.log();
    // What came last was noticed when nothing of it came any more.
    std::uint64_t seen = 0;
    (void)folder.wait([&] { return std::exchange(seen, metric(receiver, "video", "packets_received")) == metric(receiver, "video", "packets_received") && seen > 0; });

    proxy.send(SIGTERM);
    EXPECT_EQ(proxy.wait(), exits_with(0)) << proxy.log();
    const auto counts = json::parse(proxy.out()).at("up").as_object();
    const auto lost = counts.at("lost").to_number<std::uint64_t>();
    const auto sent = counts.at("packets_in").to_number<std::uint64_t>();
    EXPECT_GT(lost, sent / 40);
    EXPECT_EQ(metric(receiver, "video", "packets_received"), sent - lost);
    // A packet counts as lost when one has come that is so many behind it.
    constexpr std::size_t reorder_window = 256;
    const auto vanished = losses(sent);
    EXPECT_EQ(static_cast<std::uint64_t>(std::ranges::count(vanished, true)), lost);
    std::size_t last_that_came = sent - 1;
    while (vanished[last_that_came]) --last_that_came;
    const auto known = std::count(vanished.begin(), vanished.begin() + static_cast<std::ptrdiff_t>(last_that_came + 1 - reorder_window), true);
    EXPECT_EQ(metric(receiver, "video", "packets_lost"), static_cast<std::uint64_t>(known));

    const auto frames = read_frame_lines(folder / "notes");
    EXPECT_GT(frames.size(), static_cast<std::size_t>(pictures) / 10);
    EXPECT_LT(frames.size(), static_cast<std::size_t>(pictures));
    int last = -1;
    for (const auto& each : frames) {
        EXPECT_GT(each.number, last);  // -1: a picture that shows no number is a torn one
        last = each.number;
    }
    EXPECT_THAT(receiver.log(), ::testing::HasSubstr("packets were lost"));
}

}  // namespace
}  // namespace streamhost::test
