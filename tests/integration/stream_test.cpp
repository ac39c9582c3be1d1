#include "support/raw_peer.hpp"
#include "support/running_host.hpp"

#include <streamhost/wire/framed.hpp>
#include <streamhost/wire/framed_opening.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <thread>

/// Streams of several types between two real hosts, with a library that brings a type of its own.
namespace streamhost::test {
namespace {

using ::testing::HasSubstr;

class stream_test : public ::testing::Test {
protected:
    std::unique_ptr<running_host> start(const std::string& name, const std::string& topology) {
        return std::make_unique<running_host>(folder, name, topology,
                                              std::vector<std::string>{"--modules", STREAMHOST_CHAOS_MODULES});
    }

    /// A robot and its operator are alike but for who listens: what the one sends the other receives.
    std::string topology(const std::string& name, const std::string& link, const std::string& out, const std::string& in) {
        return fmt::format(R"({{
  "name": "{0}",
  "modules": {{
    "lidar": {{ "type": "acme.lidar" }},
    "map": {{ "type": "acme.map" }},
    "counts": {{ "type": "chaos.counts", "period": "20ms" }},
    "collects": {{ "type": "chaos.collects", "file": "{3}" }},
    "ticks": {{ "type": "test.ticks", "word": "{0} says", "period": "20ms" }},
    "notes": {{ "type": "test.notes" }},
    "pictures": {{ "type": "numbered.frames", "width": 320, "height": 240, "fps": 30 }},
    "seen": {{ "type": "numbered.notes", "file": "{4}", "hash": true }},
    "link": {{ {5},
      "send": {{ "{1}scan": "acme.scan", "{1}readings": "record", "{1}words": "text", "{1}camera": "video_frame" }},
      "receive": {{ "{2}scan": "acme.scan", "{2}readings": "record", "{2}words": "text", "{2}camera": "video_frame" }}
    }}
  }},
  "links": [
    "lidar -> link.{1}scan", "counts -> link.{1}readings", "ticks -> link.{1}words",
    {{ "path": "pictures -> link.{1}camera", "queue": "latest" }},
    "link.{2}scan -> map", "link.{2}readings -> collects.records", "link.{2}words -> notes",
    "link.{2}camera -> seen"
  ]
}})",
                           name, out, in, (folder / (name + ".readings")).string(), (folder / (name + ".pictures")).string(), link);
    }
    std::string robot(const std::string& listen) {
        return topology("robot", fmt::format(R"("type": "stream.server", "listen": "{}")", listen), "r_", "o_");
    }
    std::string operator_of(const std::string& address) {
        return topology("operator", fmt::format(R"("type": "stream.client", "connect": "{}")", address), "o_", "r_");
    }

    bool has_everything(const running_host& host, const std::string& other, std::size_t count) {
        return host.out().find("scan ") != std::string::npos && host.out().find(other + " says") != std::string::npos &&
               read_lines(folder / (host.name() + ".readings")).size() >= count &&
               read_lines(folder / (host.name() + ".pictures")).size() >= count;
    }

    scratch_folder folder;
};

TEST_F(stream_test, readings_texts_pictures_and_somebody_s_own_type_cross_both_ways) {
    const auto server = start("robot", robot("127.0.0.1:0"));
    ASSERT_TRUE(server->wait_ready()) << server->log();
    const auto client = start("operator", operator_of(server->address("link")));
    EXPECT_TRUE(folder.wait([&] { return has_everything(*client, "robot", 20) && has_everything(*server, "operator", 20); }))
        << server->log() << client->log();
    client->send(SIGTERM);
    EXPECT_EQ(client->wait(), exits_with(0)) << client->log();
    server->send(SIGTERM);
    EXPECT_EQ(server->wait(), exits_with(0)) << server->log();
}

TEST_F(stream_test, a_client_comes_back_to_a_server_that_was_killed) {
    const reserved_port port;
    auto server = start("robot", robot(port.address()));
    ASSERT_TRUE(server->wait_ready()) << server->log();
    const auto client = start("operator", operator_of(port.address()));
    ASSERT_TRUE(folder.wait([&] { return has_everything(*client, "robot", 5); })) << client->log();
    server->send(SIGKILL);
    (void)server->wait();
    const auto before = read_lines(folder / "operator.readings").size();
    server = start("robot", robot(port.address()));
    EXPECT_TRUE(folder.wait([&] { return read_lines(folder / "operator.readings").size() > before + 20; })) << client->log();
}

TEST_F(stream_test, a_video_client_views_the_camera_alone) {
    const auto server = start("robot", robot("127.0.0.1:0"));
    ASSERT_TRUE(server->wait_ready()) << server->log();
    const auto viewer = start("viewer", fmt::format(R"({{
  "name": "viewer",
  "modules": {{
    "video": {{ "type": "video.tcp_client", "connect": "{}", "stream": "r_camera" }},
    "seen": {{ "type": "numbered.notes", "file": "{}", "hash": true }}
  }},
  "links": ["video.frames -> seen"]
}})",
                                                    server->address("link"), (folder / "viewer.pictures").string()));
    EXPECT_TRUE(folder.wait([&] { return read_lines(folder / "viewer.pictures").size() >= 20; })) << viewer->log();
}

TEST_F(stream_test, a_type_that_no_link_defines_is_named_before_anything_starts) {
    const auto host = start("wrong", R"({
  "name": "wrong",
  "modules": {
    "lidar": { "type": "acme.lidar" },
    "link": { "type": "stream.server", "listen": "127.0.0.1:0", "send": { "readings": "record", "scan": "acme.other" } }
  },
  "links": ["lidar -> link.readings", "lidar -> link.scan"]
})");
    EXPECT_EQ(host->wait(), exits_with(2));
    EXPECT_THAT(host->log(), HasSubstr("`lidar.scans` gives acme.scan, but `link.readings` takes record"));
    EXPECT_THAT(host->log(), HasSubstr("`lidar.scans` gives acme.scan, but `link.scan` takes acme.other"));
}

std::string on_channel(const framed::payload& content) {
    const auto pieces = framed::with_channel(framed::encode(framed::header{}, content), 1);
    return std::string(pieces.prefix.as_text()) + std::string(pieces.body.as_text());
}

TEST_F(stream_test, a_client_that_stops_says_all_that_it_has_also_while_its_server_talks) {
    std::string typed;
    for (int i = 0; i < 50; ++i) typed += std::string(60'000, 'a') + "\n";
    raw_listener server(4096);  // so that much is on its way when the client closes
    running_host client(folder, "client", fmt::format(R"({{
  "name": "client",
  "modules": {{
    "console": {{ "type": "chat.console" }},
    "link": {{ "type": "stream.client", "connect": "127.0.0.1:{}", "send": {{ "words": "text" }}, "receive": {{ "raw": "bytes" }} }}
  }},
  "links": ["console.lines -> link.words"]
}})", server.port()),
                        child_program::options{.command = {}, .environment = {}, .input = folder.write("typed", typed)});
    auto session = server.accept();
    framed::hello hello;
    hello.flags = framed::many_streams;
    ASSERT_EQ(session.receive(framed::encode(hello).size()).size(), framed::encode(hello).size());
    framed::answer answer;
    answer.accepted = true;
    answer.flags = framed::many_streams;
    const auto opening = framed::encode(answer);
    ASSERT_TRUE(session.send({reinterpret_cast<const char*>(opening.data()), opening.size()}));
    ASSERT_TRUE(session.send(on_channel(framed::announce{.name = "raw"})));
    std::thread talk([&] {
        const auto message = on_channel(bytes{shared_bytes::adopt(std::string(200'000, 'z'))});
        while (session.send(message)) {
        }
    });
    EXPECT_TRUE(client.wait_log("receiving streams from")) << client.log();
    client.send(SIGTERM);
    const auto said = session.receive(2 * typed.size());
    // It comes behind all the rest.
    EXPECT_THAT(said.substr(said.size() - std::min<std::size_t>(said.size(), 200)), HasSubstr("the client stops"));
    talk.join();
    EXPECT_EQ(client.wait(), exits_with(0)) << client.log();
}

}  // namespace
}  // namespace streamhost::test
