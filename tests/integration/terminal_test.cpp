#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "support/terminal_user.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <memory>

/// The real program at a real terminal.
namespace streamhost::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr const char* chat = R"({
  "name": "operator",
  "modules": {
    "chat": { "type": "chat.server", "listen": "127.0.0.1:0" },
    "console": { "type": "chat.console" }
  },
  "links": ["console.lines -> chat.outgoing", "chat.incoming -> console.messages"]
})";

class terminal_test : public ::testing::Test, public terminal_user {
protected:
    void start() {
        host = std::make_unique<running_host>(folder, "host", chat, ends());
        ASSERT_TRUE(host->wait_ready());
        ASSERT_TRUE(wait_last_line(">"));
        ASSERT_FALSE(same_mode(terminal.mode(), found));
    }
    child_program::options ends() const {
        return {.command = {}, .environment = {{"TERM", "xterm"}}, .terminal = terminal.path()};
    }
    child_program::options with_chaos() const {
        auto chosen = ends();
        chosen.command = {"--modules", STREAMHOST_CHAOS_MODULES};
        return chosen;
    }
    raw_peer connect() { return raw_peer::connect_to(host->port("chat")); }

    void expect_restored() { EXPECT_TRUE(same_mode(terminal.mode(), found)); }

    scratch_folder folder;
    std::unique_ptr<running_host> host;
};

TEST_F(terminal_test, people_talk_and_the_log_goes_by_and_no_line_is_torn) {
    start();
    type("half a li");
    ASSERT_TRUE(wait_last_line("> half a li"));
    auto peer = connect();
    ASSERT_TRUE(wait_line("is here")) << "a line of the log";
    ASSERT_TRUE(wait_last_line("> half a li"));
    ASSERT_TRUE(peer.send("gr\u00fc\u00dfe \x1b[2J\n"));
    const auto name = "127.0.0.1:" + std::to_string(peer.local_port());
    ASSERT_TRUE(wait_line(name + ": gr\u00fc\u00dfe \\x1b[2J"));
    ASSERT_TRUE(wait_last_line("> half a li"));
    type("ne\r/to " + name + " \u4f60\u597d\r");
    EXPECT_EQ(peer.receive(19), "half a line\n\u4f60\u597d\n");
    ASSERT_TRUE(wait_last_line(">"));
    host->send(SIGTERM);
    EXPECT_EQ(host->wait(), exits_with(0));
    expect_restored();
}

TEST_F(terminal_test, the_end_key_ends_the_input_and_not_the_host) {
    start();
    type("\x04");
    auto peer = connect();
    ASSERT_TRUE(peer.send("still there?\n"));
    ASSERT_TRUE(wait_line(": still there?"));
    expect_restored();
    host->send(SIGTERM);
    EXPECT_EQ(host->wait(), exits_with(0));
}

TEST_F(terminal_test, ctrl_c_drains_and_the_mode_is_what_it_was) {
    start();
    type("half\x03");
    EXPECT_EQ(host->wait(), exits_with(0));
    expect_restored();
}

class ending_signal_test : public terminal_test, public ::testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(signals, ending_signal_test,
                         ::testing::Values(SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGUSR1),
                         [](const auto& signal) { return ::sigabbrev_np(signal.param); });

TEST_P(ending_signal_test, leaves_the_mode_as_it_was) {
    start();
    type("half");
    ASSERT_TRUE(wait_last_line("> half"));
    host->send(GetParam());
    const auto end = host->wait();
    ASSERT_TRUE(end);
    const bool sanitized = *STREAMHOST_SANITIZER != '\0';  // it reports a fault, and exits
    if (!sanitized) {
        EXPECT_EQ(end, killed_by(GetParam()));
    }
    expect_restored();
}

TEST_F(terminal_test, a_second_signal_ends_at_once_and_the_mode_is_what_it_was) {
    const auto topology = R"({
  "name": "stuck",
  "modules": { "stuck": { "type": "chaos.never_drains" }, "console": { "type": "chat.console" } },
  "links": []
})";
    host = std::make_unique<running_host>(folder, "host", topology, with_chaos());
    ASSERT_TRUE(wait_last_line(">"));
    host->send(SIGTERM);
    ASSERT_TRUE(wait_line("ends: SIGTERM"));
    host->send(SIGINT);
    EXPECT_EQ(host->wait(), exits_with(128 + SIGINT));
    expect_restored();
}

TEST_F(terminal_test, a_host_that_leaves_a_stuck_lane_behind_restores_the_mode_too) {
    const auto topology = R"({
  "name": "stuck",
  "modules": {
    "stuck": { "type": "chaos.spins_in_drain", "lane": "stuck" },
    "console": { "type": "chat.console" }
  },
  "links": []
})";
    host = std::make_unique<running_host>(folder, "host", topology, with_chaos());
    ASSERT_TRUE(host->wait_ready());
    ASSERT_TRUE(wait_last_line(">"));
    host->send(SIGTERM);
    EXPECT_EQ(host->wait(), exits_with(1));
    expect_restored();
}

TEST_F(terminal_test, ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back) {
    const auto topology = folder.write("host.json", chat);
    const auto ready = (folder / "host.ready").string();
    const auto script = folder.write("job.bash", "set -m\n" STREAMHOST_PROGRAM " --topology " + topology.string() +
                                                     " --ready-file " + ready + "\necho stopped\nread -r line\nfg\n");
    child_program shell(folder, "shell",
                        {.command = {"bash", script.string()}, .environment = {{"TERM", "xterm"}}, .terminal = terminal.path()});
    ASSERT_TRUE(wait_last_line(">"));
    type("half");
    ASSERT_TRUE(wait_last_line("> half"));
    type("\x1a");
    ASSERT_TRUE(wait_screen([&] { return screen.lines().size() > 1 && screen.lines()[screen.lines().size() - 2] == "stopped"; }));
    expect_restored();
    type("\n");
    ASSERT_TRUE(wait_last_line("> half")) << "what was typed is still there";
    EXPECT_FALSE(same_mode(terminal.mode(), found));
    type("\x03");
    EXPECT_TRUE(shell.wait());
    expect_restored();
}

TEST_F(terminal_test, a_host_in_the_background_leaves_the_terminal_alone) {
    const auto topology = folder.write("host.json", chat);
    const auto ready = (folder / "host.ready").string();
    const auto script = folder.write("job.bash", "set -m\n" STREAMHOST_PROGRAM " --topology " + topology.string() +
                                                     " --ready-file " + ready +
                                                     " &\nread -r line\necho read $line\nkill %1\nwait\n");
    child_program shell(folder, "shell",
                        {.command = {"bash", script.string()}, .environment = {{"TERM", "xterm"}}, .terminal = terminal.path()});
    ASSERT_TRUE(folder.wait([&] { return std::filesystem::exists(ready); }));
    type("for the shell\n");
    ASSERT_TRUE(wait_line("read for the shell"));
    EXPECT_EQ(shell.wait(), exits_with(0));
    expect_restored();
}

TEST_F(terminal_test, without_a_terminal_lines_come_from_a_file_and_the_host_outlives_it) {
    const auto input = folder.write("typed", "one\ntwo\nthree");
    running_host piped(folder, "piped", chat, {.command = {}, .environment = {}, .input = input});
    ASSERT_TRUE(piped.wait_ready());
    auto peer = raw_peer::connect_to(piped.port("chat"));
    EXPECT_EQ(peer.receive(14), "one\ntwo\nthree\n") << "the history";
    ASSERT_TRUE(peer.send("hello\n"));
    const auto shown = "127.0.0.1:" + std::to_string(peer.local_port()) + ": hello\n";
    EXPECT_TRUE(folder.wait([&] { return piped.out() == shown; })) << piped.out();
    piped.send(SIGTERM);
    EXPECT_EQ(piped.wait(), exits_with(0));
}

TEST_F(terminal_test, a_standard_input_that_is_closed_is_one_that_has_ended) {
    const auto topology = folder.write("host.json", chat);
    child_program host_without(folder, "host",
                               {.command = {"sh", "-c", "exec \"$0\" --topology \"$1\" <&- >&-", STREAMHOST_PROGRAM,
                                            topology.string()},
                                .environment = {}});
    ASSERT_TRUE(host_without.wait_log("chat: chat at"));
    host_without.send(SIGTERM);
    EXPECT_EQ(host_without.wait(), exits_with(0)) << host_without.log();
}

TEST_F(terminal_test, top_fits_the_terminal_and_goes_up_and_down_in_what_does_not) {
    terminal.resize(40, 8);
    const running_host server(folder, "server", chat);
    ASSERT_TRUE(server.wait_ready()) << server.log();
    child_program top(folder, "top",
                      {.command = {STREAMHOST_PROGRAM, "top", "--host", "operator"},
                       .environment = {{"XDG_RUNTIME_DIR", folder / ""}, {"TERM", "xterm"}},
                       .terminal = terminal.path()});
    ASSERT_TRUE(wait_line("INSTANCE"));
    ASSERT_TRUE(wait_line("arrows, space: lines 1 to"));
    EXPECT_LE(screen.lines().size(), 8u);
    for (const auto& line : screen.lines()) EXPECT_LE(line.size(), 40u) << line;
    type("\x1b[B");
    ASSERT_TRUE(wait_line("lines 2 to"));
    type("k");
    ASSERT_TRUE(wait_line("lines 1 to"));
    type("\x03");
    EXPECT_EQ(top.wait(), exits_with(0));
    expect_restored();
}

TEST_F(terminal_test, two_consoles_are_refused_before_anything_starts) {
    const auto topology = folder.write("two.json", R"({
  "name": "two",
  "modules": { "first": { "type": "chat.console" }, "second": { "type": "chat.console" } },
  "links": []
})");
    const auto said = run_streamhost(folder, {"check", topology.string()});
    EXPECT_EQ(said.end, exits_with(2));
    EXPECT_THAT(said.log, HasSubstr("the terminal is already held by `first`"));
}

}  // namespace
}  // namespace streamhost::test
