#include "support/stage.hpp"

#include <algorithm>

namespace streamhost::test {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A scripted module that only one instance of a host may be.
class holder final : public module {
public:
    static module_info describe() {
        return streamhost::describe<holder, settings>("test.holder", "holds the only one")
            .claims("the only one")
            .setting("bad", &settings::bad, "its prepare() fails")
            .output<text>("out", "beats");
    }
    struct settings {
        bool bad = false;
    };
    holder(module_context& host, settings chosen) : host_(host), bad_(chosen.bad), out_(host.output<text>("out")) {
        EXPECT_FALSE(taken) << "two at once";
        taken = true;
    }
    ~holder() override { taken = false; }

    awaitable<void> prepare() override {
        if (bad_) throw configuration_error("this one does not work");
        co_return;
    }
    awaitable<void> run() override {
        auto beat = host_.every(100ms);
        for (;;) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;
            text line{host_.name(), {}};
            co_await out_.send(std::move(line));
        }
    }

private:
    static inline bool taken = false;
    module_context& host_;
    const bool bad_;
    output<text> out_;
};

/// Says its word in steady beats; the word may change while it runs.
class speaker final : public module {
public:
    struct settings {
        std::string word = "one";
        std::chrono::milliseconds period{100};
    };
    static module_info describe() {
        return streamhost::describe<speaker, settings>("test.speaker", "says a word")
            .setting("word", &settings::word, "what").live()
            .setting("period", &settings::period, "how often")
            .output<text>("out", "words");
    }
    speaker(module_context& host, settings chosen) : host_(host), chosen_(chosen), out_(host.output<text>("out")) {}

    void reconfigure(const settings& chosen) {
        if (chosen.word == "unspeakable") throw std::runtime_error("nobody says that");
        chosen_ = chosen;
    }
    awaitable<void> run() override {
        auto beat = host_.every(chosen_.period);
        for (;;) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;
            text line{chosen_.word, {}};
            co_await out_.send(std::move(line));
        }
    }

private:
    module_context& host_;
    settings chosen_;
    output<text> out_;
};

/// Its graph changes while it runs: `conductor`, which is in every plan, says when.
class graph_switch_test : public stage {
protected:
    graph_switch_test() { add_conductor(graph); }

    void add_conductor(plan_builder& to) { to.add<scripted>("conductor"); }

    /// That module feeds `sink`, which notes what it gets.
    template <class Module>
    void begin_with(const std::string& name) {
        add("sink", {.run = scripts::notes});
        graph.add<Module>(name);
        graph.link(name + ".out", "sink.in");
    }
    /// A plan in which another one does.
    template <class Module>
    plan_builder sink_of(const std::string& name, boost::json::object settings = {}) {
        plan_builder plan;
        add_conductor(plan);
        plan.add<scripted>("sink");
        plan.add<Module>(name, std::move(settings));
        plan.link(name + ".out", "sink.in");
        return plan;
    }

    /// Changes to that plan `after` the time, and notes the failure, if there is one.
    void change_after(duration after, const plan_builder& next) {
        changes_.push_back([this, plan = next.plan()] {
            const auto failure = host->change_to(plan, [this] { note("taken over"); });
            note(failure.empty() ? "changed" : "not changed: " + failure);
        });
        waits_.push_back(after);
    }

    int run_for(duration last) {
        waits_.push_back(last);
        scripts["conductor"] = {.run = [this](scripted& self) { return conduct(self, *this); }};
        return run();
    }

    std::vector<std::string> notes_of(const std::string& who) const {
        std::vector<std::string> found;
        for (const auto& line : notes) {
            if (line.starts_with(who + ": ")) found.push_back(line.substr(who.size() + 2));
        }
        return found;
    }

    static std::vector<std::string> numbers(int from, int to) {
        std::vector<std::string> all;
        for (int i = from; i <= to; ++i) all.push_back(std::to_string(i));
        return all;
    }

private:
    static awaitable<void> conduct(scripted& self, graph_switch_test& test) {
        for (std::size_t i = 0; i < test.waits_.size(); ++i) {
            const bool go_on = co_await self.host.sleep_for(test.waits_[i]);
            if (!go_on) break;
            if (i < test.changes_.size()) test.host->call_between(test.changes_[i]);
            else self.host.stop_host("the test is over");
        }
    }

    std::vector<std::function<void()>> changes_;
    std::vector<duration> waits_;
};

TEST_F(graph_switch_test, what_is_unchanged_notices_nothing) {
    add("source", {.run = scripts::beats});
    add("sink", {.run = scripts::notes});
    link("source", "sink");
    auto more = graph;
    scripts["second"] = {.run = scripts::notes};
    more.add<scripted>("second");
    more.link("source.out", "second.in");
    change_after(1s, more);
    change_after(1s, graph);
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_EQ(notes_of("sink"), numbers(1, 30));
    EXPECT_EQ(notes_of("second"), numbers(11, 20));
    EXPECT_THAT(notes, AllOf(Contains("changed"), Contains("second ends")));
    EXPECT_EQ(lives["sink"], 1);
    EXPECT_EQ(lives["source"], 1);
}

TEST_F(graph_switch_test, a_source_that_is_replaced_does_not_end_what_takes_from_it) {
    add("source", {.run = scripts::beats});
    add("sink", {.run = scripts::notes});
    link("source", "sink");
    plan_builder next;
    add_conductor(next);
    next.add<scripted>("source", {}, "another");
    next.add<scripted>("sink");
    next.link("source.out", "sink.in");
    change_after(1050ms, next);
    EXPECT_EQ(run_for(1s), 0);
    auto expected = numbers(1, 10);
    for (const auto& each : numbers(1, 10)) expected.push_back(each);
    EXPECT_EQ(notes_of("sink"), expected);
    EXPECT_EQ(lives["sink"], 1);
    EXPECT_EQ(lives["source"], 2);
}

TEST_F(graph_switch_test, the_new_graph_runs_before_what_leaves_drains) {
    add("leaving", {.run = scripts::beats});
    plan_builder next;
    add_conductor(next);
    change_after(1s, next);
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_THAT(notes, ::testing::ElementsAre("taken over", "leaving ends", "changed"));
}

TEST_F(graph_switch_test, a_snapshot_says_the_ends_of_links_and_the_settings) {
    add("source", {.run = scripts::beats});
    add("sink", {.run = scripts::notes});
    link("source", "sink");
    EXPECT_EQ(run_for(1s), 0);
    const auto now = host->snapshot();
    EXPECT_EQ(now.links.at(0).from.instance + "." + now.links.at(0).from.port, "source.out");
    EXPECT_EQ(now.links.at(0).to.instance + "." + now.links.at(0).to.port, "sink.in");
    EXPECT_THAT(now.instances.at(1).inputs, ::testing::ElementsAre("in"));
}

TEST_F(graph_switch_test, what_cannot_be_prepared_changes_nothing) {
    add("source", {.run = scripts::beats});
    add("sink", {.run = scripts::notes});
    link("source", "sink");
    auto next = graph;
    scripts["bad"] = {.prepare = [](scripted&) -> awaitable<void> {
        throw configuration_error("no such device");
        co_return;
    }};
    scripts["good"] = {.run = scripts::notes};
    next.add<scripted>("bad");
    next.add<scripted>("good");
    next.link("source.out", "good.in");
    next.link("source.out", "bad.in");
    change_after(1s, next);
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_EQ(notes_of("sink"), numbers(1, 20));
    EXPECT_THAT(notes_of("good"), IsEmpty());
    EXPECT_THAT(notes, Contains("not changed: bad (test.scripted): no such device\n"));
    EXPECT_EQ(host->snapshot().instances.size(), 3u);
}

TEST_F(graph_switch_test, what_does_not_get_ready_changes_nothing) {
    add("source", {.run = scripts::beats});
    auto next = graph;
    scripts["slow"] = {.prepare = [](scripted& self) -> awaitable<void> {
        while (!self.host.draining()) co_await self.host.sleep_for(1h);
    }};
    next.add<scripted>("slow");
    change_after(1s, next);
    EXPECT_EQ(run_for(15s), 0);
    EXPECT_THAT(notes, Contains("not changed: slow (test.scripted): not ready within 10 s\n"));
}

TEST_F(graph_switch_test, what_only_one_may_hold_is_given_up_first) {
    begin_with<holder>("first");
    const auto next = sink_of<holder>("second");
    change_after(1050ms, next);
    EXPECT_EQ(run_for(1s), 0);
    const auto got = notes_of("sink");
    EXPECT_EQ(std::ranges::count(got, "first"), 10);
    EXPECT_GE(std::ranges::count(got, "second"), 8);
    EXPECT_EQ(lives["sink"], 1);
}

TEST_F(graph_switch_test, what_had_to_end_first_comes_back_where_the_new_one_fails) {
    begin_with<holder>("first");
    const auto next = sink_of<holder>("second", {{"bad", true}});
    change_after(1050ms, next);
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_THAT(notes, Contains("not changed: second (test.holder): this one does not work\n"));
    EXPECT_THAT(notes, ::testing::Not(Contains("taken over"))) << "what was started again as before is no success";
    EXPECT_GE(std::ranges::count(notes_of("sink"), "first"), 18);
    EXPECT_EQ(lives["sink"], 1);
}

TEST_F(graph_switch_test, a_live_setting_changes_in_the_running_instance) {
    begin_with<speaker>("voice");
    const auto next = sink_of<speaker>("voice", {{"word", "two"}});
    change_after(1050ms, next);
    EXPECT_EQ(run_for(500ms), 0);
    EXPECT_EQ(notes_of("sink"), (std::vector<std::string>{"one", "one", "one", "one", "one", "one", "one", "one", "one", "one",
                                                          "two", "two", "two", "two", "two"}));
    EXPECT_EQ(instance("voice").restarts, 0u);
}

TEST_F(graph_switch_test, an_instance_that_cannot_take_a_setting_begins_anew_with_it) {
    begin_with<speaker>("voice");
    const auto next = sink_of<speaker>("voice", {{"word", "unspeakable"}});
    change_after(1050ms, next);
    EXPECT_EQ(run_for(2s), 0);
    EXPECT_THAT(notes_of("sink"), Contains("unspeakable"));
    EXPECT_EQ(instance("voice").restarts, 1u);
}

TEST_F(graph_switch_test, a_listener_that_is_replaced_keeps_its_port) {
    const script listens{.prepare =
                             [](scripted& self) -> awaitable<void> {
                                 auto door = co_await self.host.network().listen("127.0.0.1:0");
                                 self.at.note(self.host.name() + ": " + door.local().to_string());
                             },
                         .run = scripts::idles};
    add("server", listens);
    plan_builder next;
    add_conductor(next);
    next.add<scripted>("server", {}, "another");
    change_after(1s, next);
    EXPECT_EQ(run_for(1s), 0);
    const auto ports = notes_of("server");
    ASSERT_EQ(ports.size(), 2u);
    EXPECT_EQ(ports[0], ports[1]);
    EXPECT_THAT(notes, Contains("changed"));
}

TEST_F(graph_switch_test, a_number_that_another_instance_keeps_is_not_taken_from_it) {
    const script listens{.prepare =
                             [](scripted& self) -> awaitable<void> {
                                 auto door = co_await self.host.network().listen("127.0.0.1:4000");
                             },
                         .run = scripts::idles};
    add("server", listens);
    auto next = graph;
    scripts["thief"] = listens;
    next.add<scripted>("thief");
    plan_builder moved;
    add_conductor(moved);
    moved.add<scripted>("thief");
    change_after(1s, next);
    change_after(1s, moved);  // now the other one goes, and the address is free to take
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_THAT(notes, Contains(HasSubstr("not changed: thief (test.scripted): cannot listen on 127.0.0.1:4000")));
    EXPECT_EQ(notes.back(), "changed");
}

TEST_F(graph_switch_test, what_does_not_drain_is_ended_hard) {
    add("source", {.run = scripts::beats});
    add("deaf", {.run = [](scripted& self) -> awaitable<void> {
        event never;
        (void)self;
        co_await never.wait();
    }});
    plan_builder next;
    add_conductor(next);
    next.add<scripted>("source");
    change_after(1s, next);
    EXPECT_EQ(run_for(10s), 0);
    EXPECT_THAT(notes, Contains("changed"));
    EXPECT_THAT(logged(), Contains(HasSubstr("deaf is not drained after 5 s, ended hard")));
}

TEST_F(graph_switch_test, an_instance_that_has_ended_is_made_anew_with_what_feeds_it) {
    add("source", {.run = [](scripted& self) -> awaitable<void> { co_await self.send("life " + std::to_string(self.life)); }});
    add("sink", {.run = scripts::notes});
    link("source", "sink");
    plan_builder next;
    add_conductor(next);
    next.add<scripted>("source", {}, "another");
    next.add<scripted>("sink");
    next.link("source.out", "sink.in");
    change_after(1s, next);
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_THAT(notes_of("sink"), ElementsAre("life 1", "life 2"));
    EXPECT_EQ(lives["sink"], 2);
}

TEST_F(graph_switch_test, a_sender_that_waits_for_room_goes_on_when_the_link_goes) {
    add("source", {.run = scripts::beats});
    add("sink", {.run = scripts::notes});
    add("stuck", {.run = scripts::idles});
    link("source", "sink");
    queue_options patient = usual_queue(queue_policy::wait);
    patient.items = 1;
    patient.wait = 60s;
    link("source", "stuck", patient);
    plan_builder next;
    add_conductor(next);
    next.add<scripted>("source");
    next.add<scripted>("sink");
    next.link("source.out", "sink.in");
    change_after(2s, next);
    EXPECT_EQ(run_for(2s), 0);
    EXPECT_THAT(notes, Contains("changed"));
    EXPECT_GE(notes_of("sink").size(), 18u);
}

TEST_F(graph_switch_test, nothing_to_do_is_nothing_done) {
    add("source", {.run = scripts::beats});
    EXPECT_TRUE(compare(graph.plan(), graph.plan()).empty());
    EXPECT_EQ(to_text(compare(graph.plan(), graph.plan())), "nothing changes\n");
}

}  // namespace
}  // namespace streamhost::test
