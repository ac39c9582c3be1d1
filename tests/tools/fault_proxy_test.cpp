#include "decisions.hpp"
#include "departures.hpp"

#include "support/child_program.hpp"
#include "support/raw_peer.hpp"

#include <gmock/gmock.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <vector>

namespace fault_proxy {
namespace {

using namespace std::chrono_literals;
using streamhost::test::child_program;
using streamhost::test::exits_with;
using streamhost::test::raw_listener;
using streamhost::test::raw_peer;
using streamhost::test::run_program;
using streamhost::test::scratch_folder;

std::vector<decision> draw(std::uint64_t seed, direction way, std::uint64_t flow, const faults& chances) {
    decisions from(seed, way, flow, chances);
    std::vector<decision> drawn(200);
    std::ranges::generate(drawn, [&] { return from.next(); });
    return drawn;
}

TEST(decisions, are_the_same_for_the_same_seed_direction_and_flow_only) {
    const faults chances{.loss = 0.3, .duplicate = 0.2, .reorder = 0.1};
    const auto usual = draw(7, direction::up, 0, chances);
    EXPECT_EQ(draw(7, direction::up, 0, chances), usual);
    EXPECT_NE(draw(8, direction::up, 0, chances), usual);
    EXPECT_NE(draw(7, direction::down, 0, chances), usual);
    EXPECT_NE(draw(7, direction::up, 1, chances), usual);
}

TEST(decisions, lose_the_same_packets_whatever_else_happens_to_them) {
    const auto lost = [](const faults& chances) {
        auto drawn = draw(7, direction::up, 0, chances);
        std::vector<bool> which;
        for (const auto& each : drawn) which.push_back(each.lose);
        return which;
    };
    EXPECT_EQ(lost({.loss = 0.3}), lost({.loss = 0.3, .duplicate = 0.5, .reorder = 0.5}));
}

TEST(decisions, come_about_as_often_as_was_asked_for) {
    const auto drawn = draw(7, direction::up, 0, {.loss = 0.25, .reorder = 1});
    EXPECT_NEAR(static_cast<double>(std::ranges::count(drawn, true, &decision::lose)), 50, 20);
    EXPECT_EQ(std::ranges::count(drawn, true, &decision::duplicate), 0);
    EXPECT_EQ(std::ranges::count(drawn, true, &decision::reorder), 200);
}

constexpr departures::time start{1h};

TEST(departures, come_after_delay_and_jitter_and_never_overtake) {
    departures when({.delay = 20ms, .jitter = 10ms});
    EXPECT_EQ(when.next(start, 100, 1.0), start + 30ms);
    EXPECT_EQ(when.next(start + 1ms, 100, 0.0), start + 30ms) << "without its jitter it would have overtaken";
    EXPECT_EQ(when.next(start + 50ms, 100, 0.5), start + 75ms);
}

TEST(departures, follow_each_other_at_the_rate) {
    departures when({.rate = 1000});
    EXPECT_EQ(when.next(start, 500, 0), start + 500ms);
    EXPECT_EQ(when.next(start, 250, 0), start + 750ms);
    EXPECT_EQ(when.next(start + 2s, 100, 0), start + 2100ms) << "a pause earns no burst";
}

TEST(departures, stall_once_at_the_very_byte) {
    departures when({.stall_after = 150, .stall_for = 10s});
    EXPECT_EQ(when.bytes_to_boundary(), 150);
    EXPECT_EQ(when.next(start, 150, 0), start);
    EXPECT_EQ(when.bytes_to_boundary(), never);
    EXPECT_EQ(when.next(start + 1s, 1, 0), start + 11s);
    EXPECT_EQ(when.next(start + 2s, 1, 0), start + 11s) << "behind what waits";
    EXPECT_EQ(when.next(start + 20s, 1, 0), start + 20s) << "only once";
}

TEST(departures, are_cut_at_the_very_byte) {
    departures when({.cut_after = 150});
    (void)when.next(start, 149, 0);
    EXPECT_FALSE(when.is_cut());
    EXPECT_EQ(when.bytes_to_boundary(), 1);
    (void)when.next(start, 1, 0);
    EXPECT_TRUE(when.is_cut());
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// A UDP socket by hand.
class datagram_peer {
public:
    datagram_peer() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        const int room = 1 << 20;
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        const auto address = loopback(0);
        (void)::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }
    ~datagram_peer() { ::close(socket_); }
    datagram_peer(const datagram_peer&) = delete;
    datagram_peer& operator=(const datagram_peer&) = delete;

    std::uint16_t port() const {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        return ntohs(address.sin_port);
    }

    void send(std::uint16_t port, const std::string& datagram) const {
        const auto address = loopback(port);
        (void)::sendto(socket_, datagram.data(), datagram.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }

    /// Empty where none comes. `from`: whose it was.
    std::string receive(std::uint16_t* from = nullptr, std::chrono::milliseconds limit = streamhost::test::usual_limit) const {
        pollfd waiting{socket_, POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(limit.count())) <= 0) return {};
        std::string datagram(65'535, '\0');
        sockaddr_in address{};
        socklen_t size = sizeof address;
        const auto count = ::recvfrom(socket_, datagram.data(), datagram.size(), 0, reinterpret_cast<sockaddr*>(&address), &size);
        datagram.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        if (from != nullptr) *from = ntohs(address.sin_port);
        return datagram;
    }

private:
    int socket_;
};

/// The real program.
class running_proxy : public child_program {
public:
    running_proxy(const scratch_folder& folder, std::string name, std::uint16_t to, std::vector<std::string> arguments)
        : child_program(folder, name, options_with(folder, name, to, std::move(arguments))),
          ready_file_(folder / (name + ".ready")) {}

    std::uint16_t port() const {
        (void)folder().wait([&] { return std::filesystem::exists(ready_file_); }, streamhost::test::usual_limit, ended_handle());
        const auto address = boost::json::parse(streamhost::test::read_file(ready_file_)).at("address").as_string();
        return static_cast<std::uint16_t>(std::stoi(std::string(address.subview(address.rfind(':') + 1))));
    }

    /// What it has counted in the direction, by now.
    boost::json::object counts(std::string_view way) {
        const auto before = streamhost::test::read_lines(out_file()).size();
        send(SIGUSR1);
        (void)folder().wait([&] { return streamhost::test::read_lines(out_file()).size() > before; });
        return boost::json::parse(streamhost::test::read_lines(out_file()).back()).at(way).as_object();
    }

    /// The same at its end.
    boost::json::object end(std::string_view way) {
        send(SIGTERM);
        EXPECT_EQ(wait(), exits_with(0)) << log();
        return boost::json::parse(streamhost::test::read_lines(out_file()).back()).at(way).as_object();
    }

private:
    static options options_with(const scratch_folder& folder, const std::string& name, std::uint16_t to,
                                std::vector<std::string> arguments) {
        std::vector<std::string> command{FAULT_PROXY_PROGRAM, "--to", fmt::format("127.0.0.1:{}", to), "--ready-file",
                                         (folder / (name + ".ready")).string()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return {.command = std::move(command)};
    }

    std::filesystem::path ready_file_;
};

struct passed {
    std::vector<std::string> arrived;
    boost::json::object counts;
};

/// Sends numbers through a proxy with these faults.
passed pass_numbers(const scratch_folder& folder, const std::string& name, std::vector<std::string> faults) {
    constexpr int sent = 200;  // which a socket holds
    const datagram_peer server, client;
    faults.insert(faults.begin(), "--udp");
    running_proxy proxy(folder, name, server.port(), std::move(faults));
    const auto port = proxy.port();
    for (int i = 0; i < sent; ++i) client.send(port, std::to_string(i));
    passed result;
    const auto number = [&](const char* key) { return result.counts.at(key).to_number<int>(); };
    do {
        result.counts = proxy.counts("up");
    } while (number("packets_in") < sent ||
             number("packets_out") + number("lost") - number("duplicated") + number("overflowed") + number("cut") < sent);
    for (int i = 0; i < number("packets_out"); ++i) result.arrived.push_back(server.receive());
    return result;
}

TEST(fault_proxy_udp, does_the_same_to_the_same_datagrams_with_the_same_seed) {
    const scratch_folder folder;
    const auto faults = [](const char* seed) {
        return std::vector<std::string>{"--seed", seed, "--loss", "0.2", "--duplicate", "0.1", "--reorder", "0.1"};
    };
    const auto one = pass_numbers(folder, "one", faults("7"));
    const auto again = pass_numbers(folder, "again", faults("7"));
    const auto other = pass_numbers(folder, "other", faults("8"));
    EXPECT_EQ(again.arrived, one.arrived);
    EXPECT_NE(other.arrived, one.arrived);
    EXPECT_GT(one.counts.at("lost").to_number<int>(), 0);
    EXPECT_GT(one.counts.at("duplicated").to_number<int>(), 0);
    EXPECT_GT(one.counts.at("reordered").to_number<int>(), 0);
    EXPECT_FALSE(std::ranges::is_sorted(one.arrived, {}, [](const std::string& text) { return std::stoi(text); }));
}

TEST(fault_proxy_udp, passes_all_in_order_where_nothing_is_asked_for) {
    const scratch_folder folder;
    const auto all = pass_numbers(folder, "plain", {});
    ASSERT_EQ(all.arrived.size(), 200);
    EXPECT_TRUE(std::ranges::is_sorted(all.arrived, {}, [](const std::string& text) { return std::stoi(text); }));
}

TEST(fault_proxy_udp, lets_nothing_pass_after_the_cut) {
    const scratch_folder folder;
    const auto all = pass_numbers(folder, "cut", {"--cut-after", "10"});
    EXPECT_THAT(all.arrived, testing::ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
    EXPECT_EQ(all.counts.at("cut").to_number<int>(), 190);
}

TEST(fault_proxy_udp, brings_answers_back_to_who_asked) {
    const scratch_folder folder;
    const datagram_peer server, one, other;
    running_proxy proxy(folder, "proxy", server.port(), {"--udp", "--up-loss", "0", "--down-duplicate", "1"});
    const auto port = proxy.port();
    for (const auto* const client : {&one, &other}) {
        const auto question = fmt::format("from {}", client->port());
        client->send(port, question);
        std::uint16_t from = 0;
        ASSERT_EQ(server.receive(&from), question);
        server.send(from, "answer to " + question);
        EXPECT_EQ(client->receive(), "answer to " + question);
        EXPECT_EQ(client->receive(), "answer to " + question) << "one direction's fault";
    }
    EXPECT_EQ(proxy.end("down").at("duplicated").to_number<int>(), 2);
}

TEST(fault_proxy_udp, lets_the_last_one_go_though_nothing_overtakes_it) {
    const scratch_folder folder;
    const datagram_peer server, client;
    running_proxy proxy(folder, "proxy", server.port(), {"--udp", "--reorder", "1"});
    client.send(proxy.port(), "last");
    EXPECT_EQ(server.receive(), "last");
}

std::string some_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    std::uint32_t state = 1;
    for (auto& each : bytes) each = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
}

TEST(fault_proxy_tcp, passes_every_byte_both_ways_and_the_end) {
    const scratch_folder folder;
    raw_listener listener;
    running_proxy proxy(folder, "proxy", listener.port(), {"--tcp", "--delay", "5ms", "--jitter", "5ms", "--up-rate", "10MB"});
    auto client = raw_peer::connect_to(proxy.port());
    auto server = listener.accept();
    const auto bytes = some_bytes(200'000);
    ASSERT_TRUE(client.send(bytes));
    EXPECT_EQ(server.receive(bytes.size()), bytes);
    ASSERT_TRUE(server.send(bytes));
    EXPECT_EQ(client.receive(bytes.size()), bytes);
    client.finish();
    EXPECT_TRUE(server.wait_closed());
    ASSERT_TRUE(server.send("after the other's end"));
    EXPECT_EQ(client.receive(21), "after the other's end");
    server.finish();
    EXPECT_TRUE(client.wait_closed());
    EXPECT_EQ(proxy.end("up").at("bytes_out").to_number<std::size_t>(), bytes.size());
}

TEST(fault_proxy_tcp, cuts_at_the_very_byte) {
    const scratch_folder folder;
    raw_listener listener;
    running_proxy proxy(folder, "proxy", listener.port(), {"--tcp", "--down-cut-after", "100001"});
    auto client = raw_peer::connect_to(proxy.port());
    auto server = listener.accept();
    const auto bytes = some_bytes(150'000);
    (void)server.send(bytes);
    EXPECT_EQ(client.receive(bytes.size()), bytes.substr(0, 100'001));
    EXPECT_TRUE(server.wait_closed());
    EXPECT_EQ(proxy.end("down").at("cut").to_number<int>(), 1);
}

TEST(fault_proxy_tcp, holds_up_at_the_very_byte) {
    const scratch_folder folder;
    raw_listener listener;
    running_proxy proxy(folder, "proxy", listener.port(), {"--tcp", "--stall-after", "1000", "--stall-for", "3600s"});
    auto client = raw_peer::connect_to(proxy.port());
    auto server = listener.accept();
    ASSERT_TRUE(client.send(some_bytes(5000)));
    EXPECT_EQ(server.receive(1000), some_bytes(1000));
    EXPECT_EQ(server.receive(1, 100ms), "");
    ASSERT_TRUE(server.send("the way back is another one"));
    EXPECT_EQ(client.receive(27), "the way back is another one");
    EXPECT_EQ(proxy.end("up").at("bytes_out").to_number<int>(), 1000);
}

TEST(fault_proxy_tcp, refuses_where_the_target_does) {
    const scratch_folder folder;
    const streamhost::test::reserved_port nobody;
    running_proxy proxy(folder, "proxy", nobody.number(), {"--tcp"});
    auto client = raw_peer::connect_to(proxy.port());
    EXPECT_TRUE(client.wait_closed());
}

TEST(fault_proxy_command, teaches_and_refuses) {
    const scratch_folder folder;
    const auto help = run_program(folder, {.command = {FAULT_PROXY_PROGRAM, "--help"}});
    EXPECT_EQ(help.end, exits_with(0));
    EXPECT_THAT(help.out, testing::AllOf(testing::HasSubstr("--loss"), testing::HasSubstr("Examples:")));
    const auto says = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {FAULT_PROXY_PROGRAM, "--to", "127.0.0.1:9"});
        const auto refused = run_program(folder, {.command = std::move(words)});
        EXPECT_EQ(refused.end, exits_with(2));
        return refused.log;
    };
    EXPECT_THAT(says({}), testing::HasSubstr("say one of them"));
    EXPECT_THAT(says({"--tcp", "--down-loss", "0.1"}), testing::HasSubstr("TCP mends them"));
    EXPECT_THAT(says({"--udp", "--loss", "5"}), testing::HasSubstr("0"));
    EXPECT_THAT(says({"--udp", "--delay", "20"}), testing::HasSubstr("unit"));
    EXPECT_THAT(says({"--udp", "--stall-for", "2s"}), testing::HasSubstr("--stall-after"));
}

}  // namespace
}  // namespace fault_proxy
