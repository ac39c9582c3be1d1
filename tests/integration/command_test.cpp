#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "topologies.hpp"

#include <streamhost/log.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>

#include <csignal>

namespace streamhost::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class command_test : public ::testing::Test {
protected:
    finished_program run(std::vector<std::string> arguments) { return run_streamhost(folder, std::move(arguments)); }
    finished_program run_with_modules(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--modules", STREAMHOST_TEST_MODULES});
        return run(std::move(arguments));
    }

    scratch_folder folder;
};

TEST_F(command_test, the_ready_file_names_the_process_and_what_is_bound) {
    running_host host(folder, "server", serving("127.0.0.1:0"));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    const auto ready = boost::json::parse(read_file(host.ready_file()));
    EXPECT_EQ(ready.at("pid").as_int64(), host.pid());
    EXPECT_EQ(ready.at("name").as_string(), "server");
    const auto& addresses = ready.at("addresses").as_array();
    ASSERT_EQ(addresses.size(), 1);
    EXPECT_EQ(addresses[0].at("instance").as_string(), "video");
    EXPECT_EQ(addresses[0].at("address").as_string(), "127.0.0.1:0");
    EXPECT_NE(host.port("video"), 0);
    EXPECT_NO_THROW(raw_peer::connect_to(host.port("video"))) << "what is ready can be connected to";
}

TEST_F(command_test, one_line_at_the_start_says_what_runs_where) {
    running_host host(folder, "server", serving("127.0.0.1:0"));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    EXPECT_TRUE(host.wait_log(
        "server starts on lane default: source (numbered.frames), video (video.tcp_server)")) << host.log();
}

TEST_F(command_test, check_says_ok) {
    const auto file = folder.write("good.json", serving("127.0.0.1:0"));
    const auto result = run_with_modules({"check", file});
    EXPECT_EQ(result.end, exits_with(0));
    EXPECT_EQ(result.out, "ok\n");
    EXPECT_THAT(result.log, IsEmpty());
}

TEST_F(command_test, check_lists_all_problems_with_their_places) {
    const auto file = folder.write("bad.json", R"({
  "modules": {
    "source": { "type": "numbered.frames", "fps": "fast" },
    "video": { "type": "video.tcp_servr", "listen": "127.0.0.1:0" }
  },
  "links": ["source -> video"]
})");
    const auto result = run_with_modules({"check", file});
    EXPECT_EQ(result.end, exits_with(2));
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.log, HasSubstr(file.string() + ":3:51: modules.source.fps: expected"));
    EXPECT_THAT(result.log, AllOf(HasSubstr(file.string() + ":4:24: modules.video.type:"), HasSubstr("video.tcp_server")));
}

TEST_F(command_test, a_topology_with_errors_starts_nothing) {
    running_host host(folder, "bad", R"({ "modules": { "video": { "type": "video.tcp_client", "connect": 5 } } })");
    EXPECT_EQ(host.wait(), exits_with(2));
    EXPECT_THAT(host.log(), HasSubstr("bad.json:1:"));
    EXPECT_FALSE(std::filesystem::exists(host.ready_file()));
}

TEST_F(command_test, wrong_usage) {
    EXPECT_EQ(run({}).end, exits_with(2));
    EXPECT_EQ(run({"--topologie", "x.json"}).end, exits_with(2));
    EXPECT_EQ(run({"check"}).end, exits_with(2));
    const auto result = run({"--topology", "x.json", "--set", "fps"});
    EXPECT_EQ(result.end, exits_with(2));
    EXPECT_THAT(result.log, HasSubstr("KEY=VALUE"));
}

TEST_F(command_test, a_topology_without_its_option_is_understood) {
    const auto result = run({"robot.json"});
    EXPECT_EQ(result.end, exits_with(2));
    EXPECT_THAT(result.log, HasSubstr("did you mean --topology robot.json?"));
    EXPECT_THAT(run({"start"}).log, HasSubstr("the commands are check, describe, doctor"));
}

TEST_F(command_test, a_topology_file_that_is_not_there) {
    for (const auto& arguments : {std::vector<std::string>{"--topology", folder / "none.json"},
                                  std::vector<std::string>{"check", folder / "none.json"},
                                  std::vector<std::string>{"graph", folder / "none.json"}}) {
        const auto result = run(arguments);
        EXPECT_EQ(result.end, exits_with(2));
        EXPECT_THAT(result.log, AllOf(HasSubstr("none.json"), HasSubstr("No such file or directory")));
    }
}

TEST_F(command_test, a_topology_without_end_is_not_read_to_its_end) {
    auto command = std::vector<std::string>{"/bin/sh", "-c", "ulimit -v 2000000; exec \"$0\" check /dev/zero", STREAMHOST_PROGRAM};
    if (*STREAMHOST_SANITIZER != '\0') command[2] = "exec \"$0\" check /dev/zero";  // which needs room of its own
    const auto result = run_program(folder, {.command = std::move(command), .environment = {}});
    EXPECT_EQ(result.end, exits_with(2));
    EXPECT_THAT(result.log, AllOf(HasSubstr("/dev/zero"), HasSubstr("larger than")));
}

TEST_F(command_test, a_topology_that_is_empty_or_no_file) {
    const auto empty = run({"check", "/dev/null"});
    EXPECT_EQ(empty.end, exits_with(2));
    EXPECT_THAT(empty.log, HasSubstr("cannot read the topology /dev/null: it is empty"));
    const auto none = run({"check", folder.path().string()});
    EXPECT_EQ(none.end, exits_with(2));
    EXPECT_THAT(none.log, HasSubstr("Is a directory"));
}

TEST_F(command_test, a_ready_file_that_cannot_be_written) {
    const auto topology = folder.write("server.json", serving("127.0.0.1:0"));
    const auto result = run_with_modules({"--topology", topology, "--ready-file", folder / "none" / "ready"});
    EXPECT_EQ(result.end, exits_with(1));
    EXPECT_THAT(result.log, HasSubstr("cannot write the ready file " + (folder / "none" / "ready").string() +
                                      ": No such file or directory"));
}

TEST_F(command_test, a_variable_that_the_topology_does_not_have) {
    const auto topology = folder.write("server.json", R"({ "vars": { "listen": "127.0.0.1:0" }, "modules": {
        "source": { "type": "numbered.frames" }, "video": { "type": "video.tcp_server", "listen": "${listen}" } },
        "links": ["source -> video"] })");
    const auto result = run_with_modules({"--topology", topology, "--set", "vars.listn=127.0.0.1:1"});
    EXPECT_EQ(result.end, exits_with(2));
    EXPECT_THAT(result.log, AllOf(HasSubstr("--set vars.listn"), HasSubstr("did you mean `listen`?")));
}

TEST_F(command_test, an_address_that_is_taken) {
    raw_listener holder;
    const auto address = "127.0.0.1:" + std::to_string(holder.port());
    running_host host(folder, "server", serving(address));
    EXPECT_EQ(host.wait(), exits_with(1));
    EXPECT_THAT(host.log(), HasSubstr("video (video.tcp_server): cannot listen on " + address + ": Address already in use"));
    EXPECT_THAT(host.log(), HasSubstr("sport = :" + std::to_string(holder.port()) + "', or choose another address"));
    EXPECT_FALSE(std::filesystem::exists(host.ready_file()));
}

TEST_F(command_test, help_teaches_with_examples) {
    const auto result = run({"--help"});
    EXPECT_EQ(result.end, exits_with(0));
    EXPECT_THAT(result.out, AllOf(HasSubstr("streamhost --topology config/robot.json"), HasSubstr("Exit status")));
    EXPECT_THAT(result.out, AllOf(HasSubstr("--markdown"), HasSubstr("--json"))) << "the commands' options too";
    EXPECT_THAT(result.out, Not(HasSubstr("..."))) << "an option takes one value at a time";
}

TEST_F(command_test, version) {
    const auto result = run({"--version"});
    EXPECT_EQ(result.end, exits_with(0));
    EXPECT_THAT(result.out, StartsWith("streamhost 0."));
}

TEST_F(command_test, a_type_as_json_has_a_schema_of_its_settings) {
    const auto result = run({"describe", "video.tcp_client", "--json"});
    EXPECT_EQ(result.end, exits_with(0)) << result.log;
    const auto type = boost::json::parse(result.out);
    EXPECT_EQ(type.at("type").as_string(), "video.tcp_client");
    EXPECT_THAT(boost::json::serialize(type), AllOf(HasSubstr("\"connect\""), HasSubstr("\"pickle\"")));
}

TEST_F(command_test, all_types_as_json) {
    const auto result = run({"describe", "--json"});
    EXPECT_EQ(result.end, exits_with(0)) << result.log;
    std::vector<std::string> types;
    const auto all = boost::json::parse(result.out);
    for (const auto& each : all.as_array()) types.emplace_back(each.at("type").as_string());
    EXPECT_THAT(types, ::testing::IsSupersetOf({"video.tcp_client", "video.tcp_server"}));
}

TEST_F(command_test, a_type_that_is_not_there) {
    const auto result = run({"describe", "video.tcp_sender"});
    EXPECT_EQ(result.end, exits_with(2));
    EXPECT_THAT(result.log, HasSubstr("video.tcp_sender"));
    EXPECT_THAT(run({"describe", "video.captur"}).log, HasSubstr("did you mean `video.capture`?"));
}

TEST_F(command_test, the_wiring_is_a_mermaid_chart) {
    const auto file = folder.write("good.json", serving("127.0.0.1:0"));
    const auto result = run_with_modules({"graph", file});
    EXPECT_EQ(result.end, exits_with(0)) << result.log;
    EXPECT_THAT(result.out, StartsWith("flowchart LR\n"));
    EXPECT_THAT(result.out, AllOf(HasSubstr("numbered.frames"), HasSubstr("video.tcp_server"), HasSubstr("-->")));
}

TEST_F(command_test, log_levels_are_set_for_all_and_for_one) {
    running_host quiet(folder, "quiet", serving("127.0.0.1:0"), {"--log-level", "warn,video.tcp_server=debug"});
    ASSERT_TRUE(quiet.wait_ready()) << quiet.log();
    auto peer = raw_peer::connect_to(quiet.port("video"));
    EXPECT_TRUE(quiet.wait_log("video: listening on 127.0.0.1:")) << "by type, at debug";
    quiet.send(SIGTERM);
    EXPECT_EQ(quiet.wait(), exits_with(0));
    EXPECT_THAT(quiet.log(), Not(HasSubstr("host: "))) << "the host itself has nothing to warn of";

    running_host loud(folder, "loud", serving("127.0.0.1:0"), {"--log-level", "video=off,debug"});
    ASSERT_TRUE(loud.wait_ready()) << loud.log();
    EXPECT_TRUE(loud.wait_log("limit of open files"));
    loud.send(SIGTERM);
    EXPECT_EQ(loud.wait(), exits_with(0));
    EXPECT_THAT(loud.log(), Not(HasSubstr("video: "))) << "by instance";
}

TEST_F(command_test, every_log_level_that_check_accepts_in_a_topology_starts) {
    for (const auto level : log_level_names()) {
        const auto set = "log=" + std::string(level);
        const auto file = folder.write("level.json", serving("127.0.0.1:0"));
        EXPECT_EQ(run_with_modules({"check", file, "--set", set}).out, "ok\n") << level;
        running_host host(folder, "server", serving("127.0.0.1:0"), {"--set", set});
        EXPECT_TRUE(host.wait_ready()) << level << ": " << host.log();
        host.send(SIGTERM);
        EXPECT_EQ(host.wait(), exits_with(0)) << level;
    }
}

TEST_F(command_test, a_log_level_that_there_is_not) {
    running_host host(folder, "server", serving("127.0.0.1:0"), {"--log-level", "verbose"});
    EXPECT_EQ(host.wait(), exits_with(2));
    EXPECT_THAT(host.log(), HasSubstr("log level \"verbose\": expected trace, debug, info, warn, error or off"));
}

TEST_F(command_test, set_changes_a_value) {
    running_host host(folder, "server", serving("127.0.0.1:1"), {"--set", "modules.video.listen=127.0.0.1:0"});
    ASSERT_TRUE(host.wait_ready()) << host.log();
    EXPECT_GT(host.port("video"), 1);
}

}  // namespace
}  // namespace streamhost::test
