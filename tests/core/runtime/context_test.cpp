#include "support/stage.hpp"

#include <boost/asio/post.hpp>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using test::script;
using test::scripted;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// What a module's context lends it, in virtual time.
class context_test : public test::stage {
protected:
    static std::string ms(duration d) {
        return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
    }
    static void note_time(scripted& self) { self.at.note(ms(self.at.time_since_start())); }
};

TEST_F(context_test, a_ticker_beats_steadily_from_one_period_on) {
    add("a", {.run = [](scripted& self) -> awaitable<void> {
            auto beat = self.host.every(100ms);
            for (int i = 0; i < 4; ++i) {
                co_await beat.next();
                note_time(self);
            }
            EXPECT_EQ(beat.missed(), 0u);
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("100", "200", "300", "400"));
}

TEST_F(context_test, work_shorter_than_the_period_does_not_shift_the_beats) {
    add("a", {.run = [](scripted& self) -> awaitable<void> {
            auto beat = self.host.every(100ms);
            for (int i = 0; i < 3; ++i) {
                co_await beat.next();
                note_time(self);
                co_await self.host.sleep_for(70ms);
            }
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("100", "200", "300"));
}

TEST_F(context_test, a_late_beat_comes_at_once_and_does_not_shift_the_next) {
    add("a", {.run = [](scripted& self) -> awaitable<void> {
            auto beat = self.host.every(100ms);
            co_await beat.next();
            co_await self.host.sleep_for(130ms);
            co_await beat.next();
            note_time(self);
            co_await beat.next();
            note_time(self);
            EXPECT_EQ(beat.missed(), 0u);
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("230", "300"));
}

TEST_F(context_test, missed_beats_are_skipped_and_counted_never_caught_up) {
    for (const auto pause : {550ms, 500ms}) {
        notes.clear();
        static duration span;
        span = pause;
        test::plan_builder fresh;
        std::swap(graph, fresh);
        add("a", {.run = [](scripted& self) -> awaitable<void> {
                auto beat = self.host.every(100ms);
                co_await beat.next();
                const auto begun = self.at.world.time().now();
                co_await self.host.sleep_for(span);
                for (int i = 0; i < 3; ++i) {
                    co_await beat.next();
                    self.at.note(ms(self.at.world.time().now() - begun));
                }
                EXPECT_EQ(beat.missed(), 4u);
            }});
        EXPECT_EQ(run(), 0);
        if (pause == 550ms) {
            EXPECT_THAT(notes, ElementsAre("550", "600", "700"));
        } else {
            EXPECT_THAT(notes, ElementsAre("500", "600", "700"));
        }
    }
}

TEST_F(context_test, a_ticker_takes_another_period_from_the_next_beat_on) {
    add("a", {.run = [](scripted& self) -> awaitable<void> {
            auto beat = self.host.every(100ms);
            co_await beat.next();
            beat.set_period(1s);
            for (int i = 0; i < 3; ++i) {
                co_await beat.next();
                note_time(self);
            }
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("200", "1200", "2200"));
}

TEST_F(context_test, a_ticker_without_a_period_fails_its_own_instance_only) {
    add("bad", {.run = [](scripted& self) -> awaitable<void> {
            auto beat = self.host.every(0ms);
            co_await beat.next();
        }})
        .restart.policy = restart_policy::never;
    add("good", {.run = [](scripted& self) -> awaitable<void> {
            co_await self.host.sleep_for(1s);
            self.at.note("good");
        }});
    EXPECT_EQ(run(), 1);
    EXPECT_THAT(notes, ElementsAre("good"));
    EXPECT_THAT(instance("bad").failure, HasSubstr("period"));
}

TEST_F(context_test, tickers_and_sleeps_end_with_the_drain) {
    add("ticker", {.run = [](scripted& self) -> awaitable<void> {
            auto beat = self.host.every(1h);
            const bool go_on = co_await beat.next();
            const bool again = co_await beat.next();
            self.at.note(go_on || again ? "beat" : "no beat");
        }});
    add("sleeper", {.run = [](scripted& self) -> awaitable<void> {
            const bool whole = co_await self.host.sleep_for(1h);
            const bool again = co_await self.host.sleep_for(1h);
            self.at.note(whole || again ? "slept" : "woken");
        }});
    add("clock", {.run = [](scripted& self) -> awaitable<void> {
            co_await self.host.sleep_for(1s);
            self.host.stop_host("test");
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ::testing::UnorderedElementsAre("no beat", "woken"));
    EXPECT_EQ(lasted, 1s);
}

TEST_F(context_test, blocking_returns_what_the_work_returns_and_throws_what_it_throws) {
    add("a", {.run = [](scripted& self) -> awaitable<void> {
            const int number = co_await self.host.blocking([] { return 6 * 7; });
            self.at.note(std::to_string(number));
            int seen = 0;
            co_await self.host.blocking([&seen] { seen = 5; });
            self.at.note(std::to_string(seen));
            try {
                co_await self.host.blocking([] { throw std::runtime_error("the disk is full"); });
            } catch (const std::runtime_error& e) {
                self.at.note(e.what());
            }
            try {
                const int never = co_await self.host.blocking([]() -> int { throw std::runtime_error("no value"); });
                self.at.note(std::to_string(never));
            } catch (const std::runtime_error& e) {
                self.at.note(e.what());
            }
            const auto moved = co_await self.host.blocking([] { return std::make_unique<int>(9); });
            self.at.note(std::to_string(*moved));
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("42", "5", "the disk is full", "no value", "9"));
}

TEST_F(context_test, what_blocking_throws_fails_the_instance_if_nobody_catches_it) {
    add("a", {.run = [](scripted& self) -> awaitable<void> {
            co_await self.host.blocking([] { throw std::runtime_error("the disk is full"); });
        }})
        .restart.policy = restart_policy::never;
    EXPECT_EQ(run(), 1);
    EXPECT_EQ(instance("a").failure, "the disk is full");
}

TEST_F(context_test, on_main_runs_in_order_and_survives_what_throws) {
    add("a", {.run = [](scripted& self) -> awaitable<void> {
            auto& at = self.at;
            self.host.on_main([&at] { at.note("first"); });
            self.host.on_main([] { throw std::runtime_error("the window system is gone"); });
            self.host.on_main([&at] { at.note("second"); });
            at.note("not waited for");
            co_await self.host.sleep_for(1s);
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("not waited for", "first", "second"));
    EXPECT_THAT(logged(), Contains("error a: on the main thread: the window system is gone"));
}

TEST_F(context_test, what_is_posted_to_the_main_thread_at_the_last_moment_still_runs) {
    struct last_words {
        static void say(scripted& self) {
            auto& at = self.at;
            self.host.on_main([&at] { at.note("closed the window"); });
        }
    };
    add("a", {.run = [](scripted& self) -> awaitable<void> {
            last_words::say(self);
            co_return;
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("closed the window"));
}

TEST_F(context_test, instances_share_one_object_for_as_long_as_one_holds_it) {
    struct pump {
        explicit pump(test::stage& at) : at(at) { at.note("made"); }
        ~pump() { at.note("gone"); }
        test::stage& at;
    };
    const script holds{.run = [](scripted& self) -> awaitable<void> {
        auto& at = self.at;
        const auto mine = self.host.shared<pump>([&at] { return std::make_shared<pump>(at); });
        const auto again = self.host.shared<pump>([&at] { return std::make_shared<pump>(at); });
        EXPECT_EQ(mine, again);
        co_await self.host.sleep_for(self.host.name() == "a" ? 1s : 2s);
    }};
    add("a", holds);
    add("b", holds, "other");
    add("later", {.run = [](scripted& self) -> awaitable<void> {
            co_await self.host.sleep_for(3s);
            auto& at = self.at;
            const auto mine = self.host.shared<pump>([&at] { return std::make_shared<pump>(at); });
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("made", "gone", "made", "gone"));
}

TEST_F(context_test, metrics_are_made_on_first_use_and_survive_a_restart) {
    add("a", {.run = [](scripted& self) -> awaitable<void> {
            auto& lives = self.host.metric("lives", "how often it ran");
            auto& same = self.host.metric("lives", "said otherwise");
            EXPECT_EQ(&lives, &same);
            lives.add();
            if (self.life < 3) throw std::runtime_error("again");
            co_return;
        }});
    EXPECT_EQ(run(), 0);
    const auto metrics = instance("a").metrics;
    const auto found = std::ranges::find(metrics, "lives", &metric_snapshot::name);
    ASSERT_NE(found, metrics.end());
    EXPECT_EQ(found->value, 3u);
    EXPECT_EQ(found->help, "how often it ran");
}

TEST_F(context_test, a_condition_is_shown_and_logged_on_each_change) {
    add("a", {.run = [](scripted& self) -> awaitable<void> {
            self.host.set_condition("no signal");
            self.host.set_condition("no signal");
            EXPECT_EQ(self.at.instance("a").condition, "no signal");
            self.host.set_condition("");
            EXPECT_EQ(self.at.instance("a").condition, "");
            self.host.set_condition("no signal");
            co_return;
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(std::ranges::count(logged(), "warn a: no signal"), 2);
    EXPECT_EQ(instance("a").condition, "") << "what has ended has no condition";
}

TEST_F(context_test, a_port_that_describe_does_not_declare_is_a_failure_with_the_names_there_are) {
    add("a", {.construct = [](scripted& self) { self.host.input<text>("lines"); }});
    EXPECT_EQ(run(), 1);
    EXPECT_EQ(instance("a").failure, "test.scripted: describe() declares no input `lines`; it declares `in`");
}

TEST_F(context_test, a_port_of_another_type_is_a_failure_with_both_types) {
    add("a", {.construct = [](scripted& self) { self.host.output<record>("out"); }});
    EXPECT_EQ(run(), 1);
    EXPECT_EQ(instance("a").failure, "test.scripted: output `out` is declared as text, but the code asks for record");
}

TEST_F(context_test, knows_its_names) {
    add("camera", {.run = [](scripted& self) -> awaitable<void> {
            self.at.note(self.host.name() + " " + self.host.type());
            co_return;
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("camera test.scripted"));
}

TEST_F(context_test, a_simulation_runs_no_programs) {
    add("a", {.run = [](scripted& self) -> awaitable<void> {
            const std::vector<std::string> command{"true"};
            const auto child = self.host.children().start(command);
            EXPECT_EQ(child.error(), errc::unsupported);
            co_return;
        }});
    EXPECT_EQ(run(), 0);
}

// ---- the snapshot ----

TEST_F(context_test, a_snapshot_shows_instances_links_and_addresses) {
    graph = test::plan_builder("robot");
    add("source", {.prepare = [](scripted& self) -> awaitable<void> {
            const auto entrance = co_await self.host.network().listen("127.0.0.1:0");
        }, .run = [](scripted& self) -> awaitable<void> {
            for (int i = 1; i <= 3; ++i) co_await self.send("12345");
            output<text> out = self.out;
            out.post({"posted", {}});
            co_await self.host.sleep_for(5s);
        }}, "capture");
    add("sink", {.run = [](scripted& self) -> awaitable<void> {
            const auto first = co_await self.in.next();
            co_await self.host.sleep_for(2s);
            const auto now = self.at.host->snapshot();
            EXPECT_EQ(now.name, "robot");
            EXPECT_EQ(now.instances.size(), 2u);
            EXPECT_EQ(now.instances[0].name, "source");
            EXPECT_EQ(now.instances[0].type, "test.scripted");
            EXPECT_EQ(now.instances[0].lane, "capture");
            EXPECT_EQ(now.instances[0].state, "running");
            EXPECT_EQ(now.instances[0].outputs.size(), 1u);
            EXPECT_EQ(now.instances[0].outputs[0].name, "out");
            EXPECT_EQ(now.instances[0].outputs[0].sent, 4u);
            EXPECT_EQ(now.instances[0].outputs[0].post_dropped, 0u);
            EXPECT_EQ(now.links.size(), 1u);
            const auto& link = now.links[0];
            EXPECT_EQ(link.name, "source.out -> sink.in");
            EXPECT_EQ(link.policy, "drop_oldest, 2 items");
            EXPECT_EQ(link.accepted, 4u);
            EXPECT_EQ(link.delivered, 1u);
            EXPECT_EQ(link.bytes, 5u);
            EXPECT_EQ(link.depth, 1u);
            EXPECT_EQ(link.depth_bytes, 6u);
            EXPECT_GE(link.head_age_ns, 2'000'000'000);
            EXPECT_EQ(dropped(link, "replaced"), 2u);
            EXPECT_EQ(link.dropped.size(), 7u);
            EXPECT_EQ(now.addresses.size(), 1u);
            EXPECT_EQ(now.addresses[0].instance, "source");
            EXPECT_EQ(now.addresses[0].address, "127.0.0.1:0");
            EXPECT_NE(now.addresses[0].bound, "127.0.0.1:0");
        }});
    link("source", "sink", {.policy = queue_policy::drop_oldest, .items = 2});
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(instance("source").state, "ended");
}

TEST_F(context_test, posts_that_were_too_fast_are_shown) {
    add("source", {.run = [](scripted& self) -> awaitable<void> {
            for (int i = 0; i < 1030; ++i) self.out.post({"x", {}});
            co_return;
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(instance("source").outputs.at(0).post_dropped, 6u);
}

}  // namespace
}  // namespace streamhost
