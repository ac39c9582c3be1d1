#include "support/keyboard.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"

#include <streamhost/wire/pickle.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <memory>
#include <vector>

/// Chats of real hosts over real sockets.
namespace streamhost::test {
namespace {

class chat_test : public ::testing::TestWithParam<const char*> {
protected:
    std::unique_ptr<running_host> serve(std::string_view listen = "127.0.0.1:0") {
        return std::make_unique<running_host>(folder, "server", fmt::format(R"({{
  "name": "server",
  "modules": {{
    "chat": {{ "type": "chat.server", "listen": "{}", "wire": "{}" }},
    "console": {{ "type": "chat.console" }}
  }},
  "links": ["console.lines -> chat.outgoing", "chat.incoming -> console.messages"]
}})", listen, GetParam()),
                                              child_program::options{.command = {}, .environment = {}, .input = server_keys.path()});
    }
    std::unique_ptr<running_host> join(std::string_view connect) {
        return std::make_unique<running_host>(folder, "client", fmt::format(R"({{
  "name": "client",
  "modules": {{
    "chat": {{ "type": "chat.client", "connect": "{}", "wire": "{}" }},
    "console": {{ "type": "chat.console" }}
  }},
  "links": ["console.lines -> chat.outgoing", "chat.incoming -> console.messages"]
}})", connect, GetParam()),
                                              child_program::options{.command = {}, .environment = {}, .input = client_keys.path()});
    }
    bool pickled() const { return GetParam() == std::string("pickle"); }

    std::string bytes_of(std::string line) const {
        if (!pickled()) return line + "\n";
        const auto pieces = pickle::write_str(std::move(line));
        return u64(pieces.size()) + std::string(pieces.prefix.as_text()) + std::string(pieces.body.as_text()) +
               std::string(pieces.suffix.as_text());
    }
    /// The connection on which a peer sends lines.
    raw_peer speak_to(const running_host& server) const {
        return raw_peer::connect_to(server.port("chat", pickled() ? 1 : 0));
    }
    static bool wait_out(const scratch_folder& folder, const child_program& program, std::string_view text) {
        return folder.wait([&] { return program.out().find(text) != std::string::npos; });
    }

    scratch_folder folder;
    keyboard server_keys{folder, "server.keys"};
    keyboard client_keys{folder, "client.keys"};
};

INSTANTIATE_TEST_SUITE_P(wires, chat_test, ::testing::Values("lines", "pickle"),
                         [](const auto& wire) { return std::string(wire.param); });

TEST_P(chat_test, a_peer_that_ends_by_a_close_or_a_reset_inside_a_line_is_gone_and_the_others_stay) {
    const auto server = serve();
    ASSERT_TRUE(server->wait_ready()) << server->log();
    auto witness = speak_to(*server);
    const auto whole = bytes_of("gr\u00fc\u00dfe");
    // A sample: the log, which is looked at here, leaves lines out that repeat more than ten times a second.
    for (std::size_t count = 0; count < whole.size(); count += whole.size() / 4 + 1) {
        for (const bool reset : {false, true}) {
            auto peer = speak_to(*server);
            const auto name = "127.0.0.1:" + std::to_string(peer.local_port());
            ASSERT_TRUE(peer.send(whole.substr(0, count)));
            ASSERT_TRUE(server->wait_log(name + " is here")) << server->log();
            if (reset) {
                peer.reset();
            } else {
                peer = raw_peer(-1);
            }
            ASSERT_TRUE(server->wait_log(name + " has left")) << server->log();
        }
    }
    ASSERT_TRUE(witness.send(whole));
    EXPECT_TRUE(wait_out(folder, *server, ": gr\u00fc\u00dfe\n"));
    server->send(SIGTERM);
    EXPECT_EQ(server->wait(), exits_with(0)) << server->log();
}

TEST_P(chat_test, a_server_and_a_client_exchange_lines_and_the_client_comes_back_to_a_new_server) {
    const reserved_port below, upper;  // one for each way
    const auto address = upper.address();
    const auto listen = pickled() ? fmt::format("{}\", \"receive\": \"{}", address, below.address()) : address;
    const auto connect = pickled() ? fmt::format("{}\", \"send\": \"{}", address, below.address()) : address;
    auto server = serve(listen);
    ASSERT_TRUE(server->wait_ready()) << server->log();
    const auto client = join(connect);
    for (int life = 1; life <= 2; ++life) {
        client_keys.type(fmt::format("gr\u00fc\u00dfe {}", life));
        ASSERT_TRUE(wait_out(folder, *server, fmt::format(": gr\u00fc\u00dfe {}\n", life))) << server->log();
        // On pickle each way is a connection, and comes back in its own time.
        const auto times_here = [&] {
            std::size_t count = 0;
            const auto log = client->log(), said = "connected to " + address;
            for (auto at = log.find(said); at != log.npos; at = log.find(said, at + 1)) ++count;
            return count;
        };
        ASSERT_TRUE(folder.wait([&] { return times_here() >= static_cast<std::size_t>(life); })) << client->log();
        server_keys.type(fmt::format("\u4f60\u597d {}", life));
        ASSERT_TRUE(wait_out(folder, *client, fmt::format("{}: \u4f60\u597d {}\n", address, life))) << client->log();
        server->send(SIGTERM);
        ASSERT_EQ(server->wait(), exits_with(0)) << server->log();
        if (life == 1) server = serve(listen);
    }
    client->send(SIGTERM);
    EXPECT_EQ(client->wait(), exits_with(0)) << client->log();
}

TEST_P(chat_test, the_fiftieth_peer_is_heard_like_the_first) {
    const auto server = serve();
    ASSERT_TRUE(server->wait_ready()) << server->log();
    std::vector<raw_peer> peers;
    for (int i = 1; i <= 50; ++i) peers.push_back(speak_to(*server));
    for (std::size_t i = 0; i < peers.size(); ++i) ASSERT_TRUE(peers[i].send(bytes_of(fmt::format("I am number {}.", i + 1))));
    for (std::size_t i = 1; i <= peers.size(); ++i) {
        EXPECT_TRUE(wait_out(folder, *server, fmt::format("127.0.0.1:{}: I am number {}.\n", peers[i - 1].local_port(), i)));
    }
}

}  // namespace
}  // namespace streamhost::test
