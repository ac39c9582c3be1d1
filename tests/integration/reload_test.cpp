#include "support/by_hand.hpp"
#include "support/frame_lines.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "topologies.hpp"

#include <streamhost/control.hpp>
#include <streamhost/host.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <gmock/gmock.h>

#include <csignal>
#include <random>
#include <set>

namespace streamhost::test {
namespace {

namespace json = boost::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

struct answer {
    bool good;
    std::string text;
};

answer ask(const running_host& host, std::string_view what, const std::filesystem::path& topology = {}) {
    json::object question{{"do", what}};
    if (!topology.empty()) question["topology"] = topology.string();
    const auto reply = ask_host(host.control(), question);
    return {reply.at("good").as_bool(), std::string(reply.at("text").as_string())};
}

json::object status_of(const running_host& host) { return ask_host(host.control(), {{"do", "status"}}).at("status").as_object(); }

std::set<std::string> names_in(const json::object& status, std::string_view list) {
    std::set<std::string> names;
    for (const auto& each : status.at(list).as_array()) names.emplace(each.at("name").as_string());
    return names;
}

/// As `serving`, with more instances and links beside it.
std::string serving_and(std::string_view more_modules, std::string_view more_links = "", int fps = 60) {
    return fmt::format(R"({{
  "name": "server",
  "modules": {{
    "source": {{ "type": "numbered.frames", "width": 64, "height": 64, "fps": {} }},
    "video": {{ "type": "video.tcp_server", "listen": "127.0.0.1:0", "wire": "pickle"{} }}{}
  }},
  "links": [{{ "path": "source -> video", "queue": "wait" }}{}]
}})",
                       fps, patient_viewers, more_modules, more_links);
}

std::size_t descriptors_of(pid_t process) {
    std::size_t count = 0;
    for (const auto& each : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", process))) count += !each.path().empty();
    return count;
}

std::size_t resident_kib(pid_t process) {
    const auto text = read_file(fmt::format("/proc/{}/status", process));
    return std::stoul(text.substr(text.find("VmRSS:") + 6));
}

std::filesystem::path config(std::string_view name) { return std::filesystem::path(STREAMHOST_CONFIG_FOLDER) / name; }

class reload_test : public ::testing::Test {
protected:
    scratch_folder folder;
};

TEST_F(reload_test, SIGHUP_takes_what_the_file_says_now) {
    const running_host host(folder, "server", serving_and(""));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    const auto port = host.port("video");
    auto viewer = raw_peer::connect_to(port);
    ASSERT_EQ(viewer.receive(8).size(), 8u);
    folder.write("server.json", serving_and(R"(, "more": { "type": "video.tcp_server", "listen": "127.0.0.1:0" })",
                                            R"(, "source -> more")"));
    host.send(SIGHUP);
    EXPECT_TRUE(folder.wait([&] { return host.port("more") != 0; })) << host.log();
    EXPECT_EQ(host.port("video"), port);
    EXPECT_EQ(viewer.receive(1000).size(), 1000u);
    // The log is written by a thread of its own.
    EXPECT_TRUE(folder.wait([&] { return host.log().find("reload: more: added") != std::string::npos; })) << host.log();
}

TEST_F(reload_test, a_file_with_errors_changes_nothing_and_says_where_they_are) {
    const running_host host(folder, "server", serving_and(""));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    folder.write("server.json", serving_and(R"(, "more": { "type": "video.tcp_sever", "listen": "127.0.0.1:0" })"));
    const auto refused = ask(host, "reload");
    EXPECT_FALSE(refused.good);
    EXPECT_THAT(refused.text, AllOf(HasSubstr("server.json:5:"), HasSubstr("did you mean `video.tcp_server`?")));
    EXPECT_EQ(names_in(status_of(host), "instances"), (std::set<std::string>{"source", "video"}));
}

TEST_F(reload_test, an_address_that_is_taken_leaves_the_old_graph_running) {
    const raw_listener other;
    const running_host host(folder, "server", serving_and(""));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    auto viewer = raw_peer::connect_to(host.port("video"));
    folder.write("server.json",
                 serving_and(fmt::format(R"(, "more": {{ "type": "video.tcp_server", "listen": "127.0.0.1:{}" }})", other.port()),
                             R"(, "source -> more")"));
    const auto refused = ask(host, "reload");
    EXPECT_FALSE(refused.good);
    EXPECT_THAT(refused.text, AllOf(HasSubstr(fmt::format("more (video.tcp_server): cannot listen on 127.0.0.1:{}", other.port())),
                                    HasSubstr("nothing has changed")));
    EXPECT_EQ(viewer.receive(1000).size(), 1000u);
    EXPECT_EQ(names_in(status_of(host), "instances"), (std::set<std::string>{"source", "video"}));
}

TEST_F(reload_test, a_plan_says_what_would_change_and_changes_nothing) {
    const running_host host(folder, "server", serving_and(""));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    const auto next = folder.write("next.json", serving_and("", "", 30));
    const auto plan = run_streamhost(folder, {"plan", next, "--host", host.control()});
    EXPECT_EQ(plan.end, exits_with(0));
    EXPECT_THAT(plan.out, AllOf(HasSubstr("source: replaced (fps: 60 -> 30)"), HasSubstr("source.frames -> video.frames: replaced"),
                                HasSubstr("kept as they are: 1 instances")));
    EXPECT_EQ(run_streamhost(folder, {"plan", "--host", host.control()}).out, "nothing changes\n");
    EXPECT_EQ(run_streamhost(folder, {"reload", next, "--host", host.control()}).end, exits_with(0));
    EXPECT_EQ(run_streamhost(folder, {"plan", "--host", host.control()}).out, "nothing changes\n");  // of the new file
}

TEST_F(reload_test, a_watched_file_is_taken_when_it_changes) {
    const auto watched = [](std::string text) { return text.replace(text.find('{'), 1, R"({ "watch": true,)"); };
    const running_host host(folder, "server", watched(serving_and("")));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    // As editors do it: another file is renamed into the place of the first.
    const auto draft = folder.write("draft", watched(serving_and(R"(, "more": { "type": "video.tcp_server", "listen": "127.0.0.1:0" })",
                                                                 R"(, "source -> more")")));
    // At once: the host has not looked at the file again since it read it.
    std::filesystem::rename(draft, folder / "server.json");
    EXPECT_TRUE(folder.wait([&] { return host.port("more") != 0; })) << host.log();
    folder.write("server.json", serving_and(""));
    EXPECT_TRUE(folder.wait([&] { return host.log().find("control: no longer watching") != std::string::npos; })) << host.log();
}

TEST_F(reload_test, a_question_of_the_wrong_form_is_refused) {
    const running_host host(folder, "server", serving_and(""));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    for (const json::object& question : {json::object{{"do", "reload"}, {"set", json::array{1}}}, {{"do", "plan"}, {"topology", 7}},
                                        {{"do", "plan"}, {"file", "next.json"}}, {{"do", 1}}}) {
        EXPECT_FALSE(ask_host(host.control(), question).at("good").as_bool()) << json::serialize(question);
    }
}

TEST_F(reload_test, a_host_is_found_by_the_name_that_it_has_now) {
    const running_host host(folder, "server", serving_and(""));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    auto text = serving_and("");
    text.replace(text.find("\"server\""), 8, "\"relay\"");
    const auto next = folder.write("next.json", text);
    EXPECT_EQ(run_streamhost(folder, {"reload", next, "--host", "server"}).end, exits_with(0));
    EXPECT_EQ(run_streamhost(folder, {"status", "--host", "relay"}).end, exits_with(0));
    EXPECT_THAT(run_streamhost(folder, {"status", "--host", "server"}).log, HasSubstr("no streamhost called \"server\" runs here"));
}

TEST_F(reload_test, status_and_top_show_what_runs) {
    const running_host host(folder, "server", serving_and(""));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    auto viewer = raw_peer::connect_to(host.port("video"));
    ASSERT_EQ(viewer.receive(8).size(), 8u);
    const auto status = run_streamhost(folder, {"status", "--host", host.control()});
    EXPECT_EQ(status.end, exits_with(0));
    EXPECT_THAT(status.out, AllOf(HasSubstr("video.tcp_server"), HasSubstr("source.frames -> video.frames"),
                                  HasSubstr(fmt::format("127.0.0.1:{}", viewer.local_port()))));
    EXPECT_THAT(run_streamhost(folder, {"status", "--host", "nobody"}).log, HasSubstr("no streamhost called \"nobody\" runs here"));
}

TEST_F(reload_test, two_hundred_reloads_leave_no_trace_and_no_viewer_misses_a_picture) {
    const std::string first = serving_and("");
    const std::string second = serving_and(R"(,
    "more": { "type": "video.tcp_server", "listen": "127.0.0.1:0", "lane": "another" },
    "twice": { "type": "video.tcp_client", "connect": "127.0.0.1:9" },
    "third": { "type": "video.tcp_server", "listen": "127.0.0.1:0", "viewers": { "lanes": 1 } })",
                                           R"(, "source -> more", "twice.frames -> third")");
    const std::string third = serving_and(R"(, "more": { "type": "video.tcp_server", "listen": "127.0.0.1:0", "lane": "default" })",
                                          R"(, { "path": "source -> more", "queue": "latest" })");
    const std::string_view sanitizer(STREAMHOST_SANITIZER);
    const int reloads = by_hand("STREAMHOST_RELOADS", sanitizer.empty() ? 200 : 40);
    const running_host host(folder, "server", first);
    ASSERT_TRUE(host.wait_ready()) << host.log();
    const auto notes = folder / "notes";
    const running_host viewer(folder, "viewer", viewing(host.address("video"), notes, on_wire("pickle"), false));
    ASSERT_TRUE(viewer.wait_ready()) << viewer.log();
    ASSERT_TRUE(folder.wait([&] { return read_lines(notes).size() > 10; }));

    const std::vector<std::string> texts{second, third, first};
    std::size_t files = 0, kib = 0;
    for (int i = 0; i < reloads; ++i) {
        folder.write("server.json", texts[static_cast<std::size_t>(i) % texts.size()]);
        const auto done = ask(host, "reload");
        ASSERT_TRUE(done.good) << done.text;
        if (i % 3 != 2) continue;
        if (i < reloads / 4) {
            files = descriptors_of(host.host_pid());
            kib = resident_kib(host.host_pid());
        }
    }
    folder.write("server.json", first);
    ASSERT_TRUE(ask(host, "reload").good);
    EXPECT_TRUE(folder.wait([&] { return descriptors_of(host.host_pid()) <= files; }));
    if (sanitizer.empty()) {
        EXPECT_LT(resident_kib(host.host_pid()), kib + 8 * 1024);
    }
    const auto frames = read_frame_lines(notes);
    EXPECT_GT(frames.size(), 20u);
    EXPECT_EQ(first_gap(frames), "");
}

TEST_F(reload_test, mutated_topologies_are_refused_whole_or_taken) {
    const std::string good = serving_and(R"(, "more": { "type": "video.tcp_server", "listen": "127.0.0.1:0" })", R"(, "source -> more")");
    const std::string_view sanitizer(STREAMHOST_SANITIZER);
    const int mutations = sanitizer.empty() ? 500 : 60;
    const running_host host(folder, "server", good);
    ASSERT_TRUE(host.wait_ready()) << host.log();
    auto viewer = raw_peer::connect_to(host.port("video"));
    std::mt19937 random(5);
    int refused = 0;
    for (int i = 0; i < mutations; ++i) {
        auto text = good;
        const auto changes = 1 + random() % 3;
        for (std::size_t change = 0; change < changes; ++change) {
            const auto at = random() % text.size();
            switch (random() % 3) {
                case 0: text.erase(at, 1 + random() % 4); break;
                case 1: text.insert(at, 1, static_cast<char>(' ' + random() % 95)); break;
                default: text[at] = static_cast<char>(' ' + random() % 95); break;
            }
        }
        const auto file = folder.write("mutated.json", text);
        host_options options{.topology = file, .sets = {}, .module_folders = {STREAMHOST_TEST_MODULES}, .executable = STREAMHOST_PROGRAM};
        const bool valid = check_topology(options).good;
        const auto before = status_of(host);
        const auto done = ask(host, "reload", file);
        if (!valid) {
            ++refused;
            EXPECT_FALSE(done.good) << text;
            const auto after = status_of(host);
            EXPECT_EQ(names_in(after, "instances"), names_in(before, "instances"));
            EXPECT_EQ(names_in(after, "links"), names_in(before, "links"));
        } else if (!done.good) {
            // What the text cannot tell, such as an address that this machine does not have.
            EXPECT_THAT(done.text, HasSubstr("nothing has changed")) << text;
        }
    }
    EXPECT_GE(refused, mutations * 4 / 5);
    EXPECT_TRUE(ask(host, "reload", folder.write("good.json", good)).good);
    EXPECT_EQ(names_in(status_of(host), "instances"), (std::set<std::string>{"source", "video", "more"}));
}

TEST_F(reload_test, a_robot_becomes_a_relay) {
    const running_host host(folder, "robot", read_file(config("robot.json")), {"--set", "vars.text=0", "--set", "vars.video=0", "--set", "vars.web=0"});
    ASSERT_TRUE(host.wait_ready()) << host.log();
    const auto relay = config("cache-relay.json");
    const auto done = run_streamhost(folder, {"reload", relay, "--host", host.control(), "--set", "vars.port=0", "--set", "vars.drone=127.0.0.1"});
    EXPECT_EQ(done.end, exits_with(0)) << done.log;
    EXPECT_EQ(names_in(status_of(host), "instances"), (std::set<std::string>{"relay"}));
    EXPECT_NE(host.port("relay"), 0) << host.log();
    EXPECT_EQ(run_streamhost(folder, {"reload", config("robot.json"), "--host", host.control(), "--set", "vars.text=0", "--set", "vars.video=0", "--set", "vars.web=0"}).end, exits_with(0));
    EXPECT_EQ(names_in(status_of(host), "instances"),
              (std::set<std::string>{"camera", "jpeg", "video", "chat", "console", "tone", "machine", "web"}));
}

TEST_F(reload_test, a_patrol_is_recorded_and_its_viewers_notice_nothing) {
    const running_host host(folder, "patrol", read_file(config("patrol.json")), {"--set", "vars.port=0"});
    ASSERT_TRUE(host.wait_ready()) << host.log();
    const running_host viewer(folder, "viewer", fmt::format(R"({{ "name": "viewer", "modules": {{
        "video": {{ "type": "video.tcp_client", "connect": "{}" }},
        "notes": {{ "type": "numbered.notes", "file": "{}", "hash": false }}, "picture": {{ "type": "video.decode" }} }},
        "links": [{{ "path": "video.images -> picture -> notes", "queue": {{ "policy": "drop_oldest", "items": 64 }} }}] }})",
                                                            host.address("video"), (folder / "notes").string()));
    ASSERT_TRUE(viewer.wait_ready()) << viewer.log();
    EXPECT_TRUE(folder.wait([&] { return count_frames(folder / "notes") > 20; })) << viewer.log();
    const auto record = run_streamhost(folder, {"reload", config("patrol-recording.json"), "--host", host.control(), "--set", "vars.port=0",
                                                "--set", "vars.file=" + (folder / "patrol.mkv").string()});
    EXPECT_EQ(record.end, exits_with(0)) << record.log;
    EXPECT_THAT(record.out, AllOf(HasSubstr("recorder: added"), HasSubstr("kept as they are: 3 instances")));
    const auto before = count_frames(folder / "notes");
    EXPECT_TRUE(folder.wait([&] { return count_frames(folder / "notes") > before + 20; })) << viewer.log();
    EXPECT_EQ(run_streamhost(folder, {"reload", config("patrol.json"), "--host", host.control(), "--set", "vars.port=0"}).end, exits_with(0));
    EXPECT_GT(std::filesystem::file_size(folder / "patrol.mkv"), 10'000u);
    const auto log = viewer.log();
    EXPECT_EQ(log.find("receiving"), log.rfind("receiving")) << log;  // connected once
    const auto status = status_of(host);
    for (const auto& each : status.at("instances").as_array()) {
        if (each.at("name").as_string() != "video") continue;
        ASSERT_EQ(each.at("viewers").as_array().size(), 1u);
        for (const auto& [reason, count] : each.at("viewers").as_array()[0].at("dropped").as_object()) EXPECT_EQ(count.to_number<int>(), 0) << reason;
    }
}

TEST_F(reload_test, only_its_own_user_may_ask) {
    const running_host host(folder, "server", serving_and(""));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    using std::filesystem::perms;
    const auto rights = std::filesystem::status(host.control().parent_path()).permissions();
    EXPECT_EQ(rights & (perms::group_all | perms::others_all), perms::none);
}

}  // namespace
}  // namespace streamhost::test
