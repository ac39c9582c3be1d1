#include "core/topology/fake_modules.hpp"

#include "topology/check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

check_result checked(std::string text) {
    static const fake::catalogue types;
    return check(topology_text{.file = "t.json", .text = std::move(text), .sets = {}, .variables = {}}, types.view());
}

std::string problems_of(std::string text) {
    const topology_text source{.file = "t.json", .text = text, .sets = {}, .variables = {}};
    return report(checked(std::move(text)).problems, source);
}

TEST(check, gives_a_plan_with_nothing_left_to_ask) {
    const auto result = checked(R"({ "name": "robot", "modules": {
        "camera": { "type": "video.capture", "fps": 15 }, "view": { "type": "video.display", "lane": "ui" } },
        "links": ["camera -> view"] })");
    ASSERT_TRUE(result.plan.has_value());
    EXPECT_TRUE(result.problems.empty());
    const auto& plan = *result.plan;
    EXPECT_EQ(plan.name, "robot");
    EXPECT_EQ(plan.lanes(), (std::vector<std::string>{"default", "ui"}));
    ASSERT_EQ(plan.instances.size(), 2u);
    EXPECT_EQ(plan.instances[0].info->type, "video.capture");
    EXPECT_EQ(plan.instances[0].settings.at("fps"), 15);
    EXPECT_EQ(plan.instances[0].settings.at("width"), 640);
    EXPECT_EQ(plan.instances[0].settings.at("timeout"), 2000);
    ASSERT_EQ(plan.links.size(), 1u);
    EXPECT_EQ(plan.links[0].from, 0u);
    EXPECT_EQ(plan.links[0].to, 1u);
    EXPECT_EQ(to_text(plan, plan.links[0]), "camera.frames -> view.frames");
    EXPECT_EQ(*plan.links[0].type, type_of<video_frame>());
    EXPECT_EQ(plan.links[0].queue, usual_queue(queue_policy::latest));
}

TEST(check, refuses_more_links_of_one_output_than_it_can_have) {
    std::string modules = R"("camera": { "type": "video.capture" })", links;
    for (int i = 0; i < 65; ++i) {
        modules += fmt::format(R"(, "view{}": {{ "type": "video.display" }})", i);
        links += fmt::format(R"({}"camera -> view{}")", i == 0 ? "" : ", ", i);
    }
    const auto text = problems_of(R"({ "modules": { )" + modules + R"( }, "links": [)" + links + "] }");
    EXPECT_THAT(text, HasSubstr("links[64]: `camera.frames -> view64.frames` is the output of more than 64 links"));
}

TEST(check, takes_the_fault_of_a_link_only_where_faults_are_allowed) {
    static const fake::catalogue types;
    topology_text source{.file = "t.json",
                         .text = R"({ "modules": { "camera": { "type": "video.capture" }, "view": { "type": "video.display" } },
        "links": [{ "path": "camera -> view", "fault": { "loss": 0.5, "delay_ms": 20 } }] })",
                         .sets = {}};
    EXPECT_THAT(report(check(source, types.view()).problems, source), HasSubstr("start with --allow-faults"));
    source.allow_faults = true;
    const auto allowed = check(source, types.view());
    ASSERT_TRUE(allowed.plan.has_value());
    EXPECT_EQ(allowed.plan->links[0].fault, (link_fault{.delay_ms = 20ms, .loss = 0.5}));
}

TEST(check, lays_the_limits_of_an_instance_over_those_of_the_host) {
    const auto result =
        checked(R"({ "limits": { "max_connections": 10, "handshake_ms": 5000 }, "allow": ["10.0.0.0/8"], "modules": {
        "a": { "type": "video.server", "limits": { "handshake_ms": "1min" } },
        "b": { "type": "video.server", "listen": "127.0.0.1:1", "allow": ["192.168.1.0/24"] } } })");
    ASSERT_TRUE(result.plan.has_value());
    const auto& a = result.plan->instances[0];
    const auto& b = result.plan->instances[1];
    EXPECT_EQ(a.limits.max_connections, 10u);
    EXPECT_EQ(a.limits.handshake_ms, 60s);
    EXPECT_EQ(a.limits.message_bytes, session_limits{}.message_bytes);
    EXPECT_EQ(b.limits.handshake_ms, 5s);
    EXPECT_EQ(a.allow, std::vector<std::string>{"10.0.0.0/8"});
    EXPECT_EQ(b.allow, std::vector<std::string>{"192.168.1.0/24"});
}

TEST(check, reports_by_place_with_overrides_last) {
    topology_text source{.file = "t.json", .text = {}, .sets = {{"modules.a.fps", "x"}}, .variables = {}};
    source.text = "{\n \"links\": [7],\n \"modules\": { \"a\": { \"type\": \"video.capture\", \"width\": 1 } }\n}";
    static const fake::catalogue types;
    EXPECT_EQ(report(check(source, types.view()).problems, source),
              "t.json:2:12: links[0]: expected a link such as \"camera.frames -> jpeg\", got 7\n"
              "t.json:3:56: modules.a.width: expected a whole number from 16 to 4096 pixels, got 1\n"
              "--set modules.a.fps: expected a number from 1 to 240, got \"x\"\n");
}

TEST(check, says_nothing_about_what_an_earlier_problem_caused) {
    // The view's link is wrong, so that its input is without one needs no second line; the spare view gets its own.
    EXPECT_EQ(problems_of(R"({ "modules": { "camera": { "type": "video.capture" }, "view": { "type": "video.display" },
"spare": { "type": "video.display" } }, "links": ["camera.framse -> view"] })"),
              "t.json:2:1: modules.spare: the input `frames` (video_frame) has no link\n"
              "t.json:2:51: links[0]: `camera` has no output `framse`; did you mean `frames`?\n");
}

TEST(check, bounds_instances_and_links) {
    std::string many = R"({ "modules": {)";
    for (std::size_t i = 0; i <= max_instances; ++i)
        many += "\"m" + std::to_string(i) + R"(": { "type": "text.filter" },)";
    EXPECT_THAT(problems_of(many + "} }"), HasSubstr("modules: more than 256 instances"));
    std::string links =
        R"({ "modules": { "a": { "type": "chat.console" }, "b": { "type": "chat.server" } }, "links": [)";
    for (std::size_t i = 0; i <= max_links; ++i) links += "\"a -> b\",";
    EXPECT_THAT(problems_of(links + "] }"), HasSubstr("links: more than 1024 links"));
    // Chains count by their steps.
    std::string chains =
        R"({ "modules": { "a": { "type": "chat.console" }, "b": { "type": "chat.server" } }, "links": [)";
    for (int chain = 0; chain < 20; ++chain) {
        chains += "\"a";
        for (int step = 0; step < 100; ++step) chains += step % 2 == 0 ? " -> b" : " -> a";
        chains += "\",";
    }
    EXPECT_THAT(problems_of(chains + "] }"), HasSubstr("more than 1024 links"));
}

/// Whatever becomes of a topology that was valid, it gives a plan or at least one error, and never crashes.
TEST(check, survives_mutations) {
    const std::string original =
        R"({ "vars": { "X": 5 }, "modules": { "camera": { "type": "video.capture", "fps": "${X}" },
        "jpeg": { "type": "video.encode" },
        "server": { "type": "video.server", "viewers": { "queue": "latest", "max": 3 } } },
        "links": ["camera -> jpeg -> server", { "path": "camera.frames -> server", "queue": { "items": 2 } }] })";
    std::mt19937 random(7);
    for (int round = 0; round < 3000; ++round) {
        auto text = original;
        for (auto edits = 1 + random() % 4; edits > 0; --edits) {
            const auto position = random() % text.size();
            if (random() % 3 == 0) text.erase(position, 1 + random() % 5);
            else if (random() % 2 == 0) text[position] = static_cast<char>(random() % 128);
            else text.insert(position, text.substr(random() % text.size(), random() % 12));
        }
        const auto result = checked(text);
        const auto is_error = [](const problem& each) { return !each.warning; };
        EXPECT_EQ(result.plan.has_value(), std::ranges::none_of(result.problems, is_error)) << text;
    }
}

}  // namespace
}  // namespace streamhost
