#include "support/simulated_host.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using test::plan_builder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What the modules of one test tell it.
struct notes {
    std::vector<std::string> lines;
};
notes* current = nullptr;

struct number_settings {
    std::chrono::milliseconds period{100};
    std::int64_t count = 3;
};

/// Sends 1, 2, 3 ... in steady beats, then ends.
class numbers final : public module {
public:
    static module_info describe() {
        return streamhost::describe<numbers, number_settings>("test.numbers", "counts")
            .setting("period", &number_settings::period, "time between numbers")
            .setting("count", &number_settings::count, "how many, 0 for ever")
            .output<text>("lines", "the numbers");
    }
    numbers(module_context& host, number_settings chosen)
        : host_(host), chosen_(chosen), lines_(host.output<text>("lines")) {}

    awaitable<void> run() override {
        auto beat = host_.every(chosen_.period);
        for (std::int64_t i = 1; chosen_.count == 0 || i <= chosen_.count; ++i) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;
            text line{std::to_string(i), {}};
            co_await lines_.send(std::move(line));
        }
    }

private:
    module_context& host_;
    number_settings chosen_;
    output<text> lines_;
};

/// Notes what arrives.
class listener_module final : public module {
public:
    static module_info describe() {
        return streamhost::describe<listener_module>("test.listener", "listens").input<text>("lines", "anything");
    }
    explicit listener_module(module_context& host) : lines_(host.input<text>("lines")) {}

    awaitable<void> run() override {
        for (;;) {
            const auto line = co_await lines_.next();
            if (!line) break;
            current->lines.push_back(line->line);
        }
        current->lines.push_back("end");
    }

private:
    input<text> lines_;
};

class host_runtime_test : public ::testing::Test {
protected:
    host_runtime_test() { current = &seen; }

    notes seen;
    simulation world{1};
};

TEST_F(host_runtime_test, messages_reach_the_end_of_the_graph_and_the_host_ends_with_its_instances) {
    plan_builder plan;
    plan.add<numbers>("source");
    plan.add<listener_module>("sink");
    plan.link("source.lines", "sink.lines");
    host_runtime host(plan.plan(), world.add_host());
    EXPECT_EQ(host.run({}), 0);
    EXPECT_THAT(seen.lines, ElementsAre("1", "2", "3", "end"));
}

TEST_F(host_runtime_test, messages_cross_lanes) {
    plan_builder plan;
    plan.add<numbers>("source", {}, "left");
    plan.add<listener_module>("sink", {}, "right");
    plan.link("source.lines", "sink.lines");
    host_runtime host(plan.plan(), world.add_host());
    EXPECT_EQ(host.run({}), 0);
    EXPECT_THAT(seen.lines, ElementsAre("1", "2", "3", "end"));
}

TEST_F(host_runtime_test, a_drain_ends_an_endless_source_and_then_what_hangs_on_it) {
    plan_builder plan;
    plan.add<numbers>("source", {{"count", 0}});
    plan.add<listener_module>("sink");
    plan.link("source.lines", "sink.lines");
    host_runtime* running = nullptr;
    auto& face = world.add_host();
    host_runtime host(plan.plan(), face);
    running = &host;
    const auto started = world.time().now();
    EXPECT_EQ(host.run([&] { running->stop_host("test"); }), 0);
    EXPECT_LT(world.time().now() - started, 1s);
    EXPECT_EQ(seen.lines.back(), "end");
}

}  // namespace
}  // namespace streamhost
