#include "support/keyboard.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "tutorial_program.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>
#include <fstream>
#include <memory>

/// The text of the tutorial of video and text, its own Python programs on one side and a host on the other.
namespace streamhost::test {
namespace {

constexpr auto start_limit = std::chrono::seconds(60);  ///< Python and its libraries, on a machine that is busy

class text_test : public ::testing::Test {
protected:
    /// A host with a chat and a console. `chat` are its settings.
    std::unique_ptr<running_host> host(std::string_view chat) {
        return std::make_unique<running_host>(folder, "host", fmt::format(R"({{
  "name": "host",
  "modules": {{
    "chat": {{ {}, "wire": "pickle" }},
    "console": {{ "type": "chat.console" }}
  }},
  "links": ["console.lines -> chat.outgoing", "chat.incoming -> console.messages"]
}})", chat), child_program::options{.command = {}, .environment = {}, .input = keys.path()});
    }

    /// A Python program of the system, at whose keyboard `type_at` types.
    std::unique_ptr<tutorial_program> python(const std::string& name, std::string_view role) {
        return std::make_unique<tutorial_program>(
            folder, name, "0", role, base,
            std::vector<std::string>{"--cam", "loop", "--fifo", (folder / (name + ".fifo")).string()});
    }
    void type_at(const std::string& name, std::string_view line) {
        std::ofstream(folder / (name + ".fifo")) << line << '\n';
    }
    bool wait_printed(const tutorial_program& program, std::string_view text) {
        return folder.wait([&] { return program.printed().find(text) != std::string::npos || program.ended(); }, start_limit) &&
               program.printed().find(text) != std::string::npos;
    }
    bool wait_shown(const running_host& host, std::string_view text) {
        return folder.wait([&] { return host.out().find(text) != std::string::npos; }, start_limit);
    }

    const std::uint16_t base = free_port();  ///< the tutorial's: text is at the two ports below it
    scratch_folder folder;
    keyboard keys{folder, "keys"};  ///< the host's
};

TEST_F(text_test, python_clients_talk_to_a_host_and_the_second_is_served_too) {
    const auto server = host(fmt::format(R"("type": "chat.server", "listen": "127.0.0.1:{}")", base - 1));
    ASSERT_TRUE(server->wait_ready()) << server->log();
    const auto first = python("first", "client");
    ASSERT_TRUE(wait_printed(*first, "msg send CLIENT CONNECTED")) << first->printed();
    const auto second = python("second", "client");
    ASSERT_TRUE(wait_printed(*second, "msg send CLIENT CONNECTED")) << second->printed();

    type_at("first", "hello");
    type_at("second", "gr\u00fc\u00dfe \u4f60\u597d");
    EXPECT_TRUE(wait_shown(*server, ": hello\n")) << server->log();
    EXPECT_TRUE(wait_shown(*server, ": gr\u00fc\u00dfe \u4f60\u597d\n")) << server->log();
    keys.type("zur\u00fcck \U0001f44b");
    for (const auto* each : {first.get(), second.get()}) {
        EXPECT_TRUE(wait_printed(*each, "SERVER TEXT RECEIVED: zur\u00fcck \U0001f44b\n")) << each->printed();
    }
    // Both connections of a client that goes are one who goes.
    first->send(SIGKILL);
    EXPECT_TRUE(server->wait_log("has left")) << server->log();
    keys.type("one is left");
    EXPECT_TRUE(wait_printed(*second, "SERVER TEXT RECEIVED: one is left\n")) << second->printed();
    server->send(SIGTERM);
    EXPECT_EQ(server->wait(), exits_with(0)) << server->log();
}

TEST_F(text_test, a_host_talks_to_a_python_server) {
    const auto client = host(fmt::format(R"("type": "chat.client", "connect": "127.0.0.1:{}")", base - 1));
    keys.type("typed before the server was there: gr\u00fc\u00dfe");
    const auto server = python("server", "server");
    EXPECT_TRUE(wait_printed(*server, "CLIENT TEXT RECEIVED: typed before the server was there: gr\u00fc\u00dfe\n"))
        << server->printed() << client->log();
    ASSERT_TRUE(wait_printed(*server, "SERVER TEXT SENDING:")) << server->printed();
    type_at("server", "hello \u4f60\u597d");
    EXPECT_TRUE(wait_shown(*client, fmt::format("127.0.0.1:{}: hello \u4f60\u597d\n", base - 1))) << client->log();
    keys.type("and back");
    EXPECT_TRUE(wait_printed(*server, "CLIENT TEXT RECEIVED: and back\n")) << server->printed();

    // It outlives the server.
    server->send(SIGKILL);
    EXPECT_TRUE(client->wait_log("no chat with")) << client->log();
    client->send(SIGTERM);
    EXPECT_EQ(client->wait(), exits_with(0)) << client->log();
}

}  // namespace
}  // namespace streamhost::test
