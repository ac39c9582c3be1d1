#include "support/stage.hpp"

#include <streamhost/event.hpp>

#include <boost/system/system_error.hpp>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using test::script;
using test::scripted;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Not;

/// Start, failure, restart and drain of instances, in virtual time.
class life_test : public test::stage {
protected:
    /// An instance that drains the host at that time.
    void stop_after(duration delay) {
        stop_at_ = delay;
        add("clock", {.run = [](scripted& self) -> awaitable<void> {
                co_await self.host.sleep_for(static_cast<life_test&>(self.at).stop_at_);
                self.host.stop_host("the test's time is over");
            }});
    }

    duration stop_at_{};
};

// ---- start ----

TEST_F(life_test, every_instance_is_prepared_before_any_runs) {
    const script telling{
        .construct = [](scripted& self) { self.at.note("construct"); },
        .prepare = [](scripted& self) -> awaitable<void> {
            co_await self.host.sleep_for(self.host.name() == "a" ? 10ms : 300ms);
            self.at.note("prepare");
        },
        .run = [](scripted& self) -> awaitable<void> {
            self.at.note("run");
            co_return;
        }};
    add("a", telling);
    add("b", telling, "other");
    EXPECT_EQ(run([this] { note("ready"); }), 0);
    EXPECT_THAT(notes, ElementsAre("construct", "construct", "prepare", "prepare", "ready", "run", "run"));
}

TEST_F(life_test, one_failure_to_prepare_undoes_the_start) {
    add("good", {.run = test::scripts::beats});
    add("bad", {.prepare = [](scripted&) -> awaitable<void> {
            throw configuration_error("cannot open /dev/nothing: no such file");
            co_return;
        }});
    EXPECT_EQ(run([this] { note("ready"); }), 1);
    EXPECT_THAT(notes, IsEmpty());
    EXPECT_THAT(logged(), Contains("error host: bad (test.scripted): cannot open /dev/nothing: no such file"));
    EXPECT_THAT(logged(), Contains("error host: test does not start: nothing is left running"));
    EXPECT_THAT(logged(), Not(Contains(HasSubstr("error host: good"))));
    EXPECT_EQ(instance("good").state, "ended");
    EXPECT_EQ(instance("bad").state, "failed");
    EXPECT_LT(lasted, 1s);
    EXPECT_EQ(lives["bad"], 1) << "a start that fails is the operator's to mend";
}

TEST_F(life_test, every_failure_to_prepare_is_reported) {
    for (const std::string name : {"one", "two"}) {
        add(name, {.prepare = [](scripted& self) -> awaitable<void> {
                throw configuration_error(self.host.name() + " has no key");
                co_return;
            }});
    }
    EXPECT_EQ(run(), 1);
    EXPECT_THAT(logged(), Contains("error host: one (test.scripted): one has no key"));
    EXPECT_THAT(logged(), Contains("error host: two (test.scripted): two has no key"));
}

TEST_F(life_test, a_constructor_that_throws_undoes_the_start) {
    add("bad", {.construct = [](scripted&) { throw std::runtime_error("no memory on the card"); }});
    EXPECT_EQ(run(), 1);
    EXPECT_THAT(logged(), Contains("error host: bad (test.scripted): no memory on the card"));
}

TEST_F(life_test, what_is_no_exception_class_is_reported_too) {
    add("bad", {.construct = [](scripted&) { throw 7; }});
    EXPECT_EQ(run(), 1);
    EXPECT_EQ(instance("bad").failure, "an exception of an unknown type");
}

TEST_F(life_test, who_is_not_prepared_in_time_is_named_and_ended) {
    add("good", {});
    add("slow", {.prepare = [](scripted& self) -> awaitable<void> {
            event never;
            co_await never.wait();
            self.at.note("prepared");
        }});
    EXPECT_EQ(run([this] { note("ready"); }), 1);
    EXPECT_THAT(notes, IsEmpty());
    EXPECT_THAT(logged(), Contains("error host: slow (test.scripted): not ready within 10 s"));
    EXPECT_GE(lasted, 10s);
    EXPECT_LT(lasted, 11s) << "nothing runs yet, so nothing is waited for";
    EXPECT_FALSE(host->abandoned());
}

TEST_F(life_test, a_stop_while_preparing_is_no_failure) {
    add("slow", {.prepare = [](scripted& self) -> awaitable<void> {
            self.host.stop_host("enough");
            co_await self.host.sleep_for(3s);
        }});
    EXPECT_EQ(run([this] { note("ready"); }), 0);
    EXPECT_THAT(notes, IsEmpty());
    EXPECT_LT(lasted, 1s);
}

TEST_F(life_test, a_failure_beside_a_stop_while_preparing_is_reported) {
    add("stops", {.prepare = [](scripted& self) -> awaitable<void> {
            self.host.stop_host("enough");
            co_return;
        }});
    add("bad", {.prepare = [](scripted&) -> awaitable<void> {
            throw configuration_error("cannot listen on 127.0.0.1:1");
            co_return;
        }});
    EXPECT_EQ(run([this] { note("ready"); }), 1);
    EXPECT_THAT(notes, IsEmpty());
    EXPECT_THAT(logged(), Contains("error host: bad (test.scripted): cannot listen on 127.0.0.1:1"));
}

TEST_F(life_test, an_optional_instance_does_not_hold_up_the_start) {
    add("good", {.run = test::scripts::idles});
    add("extra", {.prepare = test::scripts::fails}).optional = true;
    stop_after(10s);
    EXPECT_EQ(run([this] { note("ready"); }), 1) << "it has failed for good in the end";
    EXPECT_THAT(notes, ElementsAre("ready"));
    EXPECT_EQ(instance("good").state, "ended");
}

TEST_F(life_test, an_optional_instance_that_is_slow_joins_later) {
    add("good", {.run = test::scripts::idles});
    add("extra", {.prepare = [](scripted& self) -> awaitable<void> { co_await self.host.sleep_for(15s); },
                  .run = [](scripted& self) -> awaitable<void> {
                      self.at.note("extra runs");
                      co_return;
                  }})
        .optional = true;
    stop_after(20s);
    EXPECT_EQ(run([this] { note("ready"); }), 0);
    EXPECT_THAT(notes, ElementsAre("ready", "extra runs"));
}

TEST_F(life_test, an_optional_instance_that_fails_at_first_is_tried_again) {
    add("extra", {.prepare = [](scripted& self) -> awaitable<void> {
            if (self.life < 3) throw configuration_error("not yet");
            co_return;
        }, .run = [](scripted& self) -> awaitable<void> {
            self.at.note("runs");
            co_return;
        }}).optional = true;
    stop_after(20s);
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("runs"));
    EXPECT_EQ(instance("extra").restarts, 2u);
}

TEST_F(life_test, a_callback_that_fails_when_all_is_ready_ends_the_host_in_order) {
    add("good", {.run = test::scripts::beats});
    EXPECT_EQ(run([] { throw configuration_error("cannot write the ready file /x"); }), 1);
    EXPECT_THAT(logged(), Contains("error host: cannot write the ready file /x"));
    EXPECT_EQ(instance("good").state, "ended");
}

TEST_F(life_test, the_start_says_what_runs_where) {
    add("camera", {}, "capture");
    add("jpeg", {});
    run();
    EXPECT_THAT(logged(), Contains("info host: test starts on lane capture: camera (test.scripted); lane default: jpeg "
                                   "(test.scripted)"));
}

TEST_F(life_test, a_host_whose_instances_have_all_returned_ends) {
    add("a", {});
    add("b", {.run = [](scripted& self) -> awaitable<void> { co_await self.host.sleep_for(2s); }});
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(lasted, 2s);
}

// ---- failure and restart ----

TEST_F(life_test, an_instance_that_fails_is_made_again_and_goes_on) {
    add("flaky", {.prepare = [](scripted& self) -> awaitable<void> {
            self.at.note("prepare " + std::to_string(self.life));
            co_return;
        }, .run = [](scripted& self) -> awaitable<void> {
            if (self.life <= 2) throw std::runtime_error("lost the device");
            co_await self.host.sleep_for(1s);
            self.at.note("worked");
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("prepare 1", "prepare 2", "prepare 3", "worked"));
    EXPECT_THAT(logged(), Contains(HasSubstr("error flaky: failed: lost the device; starting again in ")));
    EXPECT_EQ(instance("flaky").restarts, 2u);
    EXPECT_EQ(instance("flaky").failure, "");
}

TEST_F(life_test, five_restarts_in_a_minute_are_the_most) {
    add("broken", {.run = test::scripts::fails});
    EXPECT_EQ(run(), 1);
    EXPECT_EQ(lives["broken"], 6);
    EXPECT_EQ(instance("broken").state, "failed");
    EXPECT_EQ(instance("broken").failure, "life 6 is over");
    EXPECT_THAT(logged(), Contains("error broken: failed for good: life 6 is over"));
    // At most 0.25, 0.5, 1, 2 and 4 s.
    EXPECT_LE(lasted, 7750ms);
}

TEST_F(life_test, failures_that_are_far_apart_never_end_it) {
    add("tired", {.run = [](scripted& self) -> awaitable<void> {
            co_await self.host.sleep_for(20s);
            if (!self.host.draining()) throw std::runtime_error("tired");
        }});
    stop_after(10min);
    EXPECT_EQ(run(), 0);
    EXPECT_GE(lives["tired"], 20);
}

TEST_F(life_test, the_others_go_on_when_one_has_failed_for_good) {
    add("broken", {.run = test::scripts::fails});
    add("beats", {.run = test::scripts::beats});
    add("sink", {.run = test::scripts::notes});
    link("beats", "sink");
    stop_after(30s);
    EXPECT_EQ(run(), 1);
    EXPECT_THAT(notes, Contains("sink: 299"));
    EXPECT_GE(lasted, 30s);
}

TEST_F(life_test, an_essential_instance_ends_the_host) {
    add("vital", {.run = test::scripts::fails}).essential = true;
    add("beats", {.run = test::scripts::beats});
    EXPECT_EQ(run(), 1);
    EXPECT_LE(lasted, 8s);
    EXPECT_THAT(logged(), Contains("error host: vital is essential and has failed: the host ends"));
    EXPECT_THAT(notes, Contains("beats ends"));
}

TEST_F(life_test, restart_never_means_one_life) {
    add("once", {.run = test::scripts::fails}).restart.policy = restart_policy::never;
    EXPECT_EQ(run(), 1);
    EXPECT_EQ(lives["once"], 1);
}

TEST_F(life_test, restart_on_failure_leaves_a_good_end_alone) {
    add("done", {.run = [](scripted&) -> awaitable<void> { co_return; }}).restart.policy = restart_policy::on_failure;
    stop_after(5s);
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(lives["done"], 1);
}

TEST_F(life_test, restart_always_begins_again_after_a_good_end) {
    add("again", {.run = [](scripted& self) -> awaitable<void> { co_await self.host.sleep_for(20s); }}).restart.policy =
        restart_policy::always;
    stop_after(100s);
    EXPECT_EQ(run(), 0);
    EXPECT_GE(lives["again"], 4);
}

TEST_F(life_test, restart_always_says_when_it_has_no_restart_left) {
    auto& again = add("again", {.run = [](scripted&) -> awaitable<void> { co_return; }});
    again.restart.policy = restart_policy::always;
    again.restart.count = 2;
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(lives["again"], 3);
    EXPECT_THAT(logged(), Contains("warn again: not started again: 2 restarts in 60 s"));
}

TEST_F(life_test, a_drain_is_no_lack_of_restarts) {
    add("again", {.run = test::scripts::idles}).restart.policy = restart_policy::always;
    stop_after(5s);
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(logged(), Each(Not(HasSubstr("not started again"))));
}

TEST_F(life_test, a_spawned_task_that_fails_fails_the_instance) {
    add("two", {.run = [](scripted& self) -> awaitable<void> {
            if (self.life == 1) {
                self.host.spawn([](scripted& me) -> awaitable<void> {
                    co_await me.host.sleep_for(1s);
                    throw std::runtime_error("the task has failed");
                }(self));
            }
            co_await self.host.sleep_for(5s);
            self.at.note("run " + std::to_string(self.life));
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("run 2")) << "the first run() was ended with its sibling";
    EXPECT_THAT(logged(), Contains(HasSubstr("error two: failed: the task has failed; starting again")));
}

TEST_F(life_test, tasks_go_on_after_run_has_returned) {
    add("two", {.run = [](scripted& self) -> awaitable<void> {
            self.host.spawn([](scripted& me) -> awaitable<void> {
                co_await me.host.sleep_for(3s);
                me.at.note("task over");
            }(self));
            self.at.note("run over");
            co_return;
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("run over", "task over"));
    EXPECT_EQ(lasted, 3s);
}

TEST_F(life_test, sequences_go_on_and_epochs_rise_over_restarts_and_what_was_queued_stays) {
    struct sink_notes {
        static awaitable<void> headers(scripted& self) {
            // Comes late on purpose: what the first life sent waits in the queue through the restart.
            co_await self.host.sleep_for(20s);
            for (;;) {
                const auto line = co_await self.in.next();
                if (!line) break;
                self.at.note(line->line + ": " + std::to_string(line.header().epoch) + "/" +
                             std::to_string(line.header().sequence));
            }
        }
    };
    add("source", {.run = [](scripted& self) -> awaitable<void> {
            co_await self.send("life " + std::to_string(self.life) + " first");
            co_await self.send("life " + std::to_string(self.life) + " second");
            if (self.life == 1) throw std::runtime_error("over");
        }});
    add("sink", {.run = sink_notes::headers});
    link("source", "sink");
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("life 1 first: 1/1", "life 1 second: 1/2", "life 2 first: 2/3", "life 2 second: 2/4"));
    EXPECT_EQ(only_link().accepted, 4u);
}

TEST_F(life_test, a_sink_that_restarts_finds_its_queue_as_it_was) {
    add("source", {.run = [](scripted& self) -> awaitable<void> {
            for (int i = 1; i <= 4; ++i) co_await self.send(std::to_string(i));
        }});
    add("sink", {.run = [](scripted& self) -> awaitable<void> {
            for (;;) {
                const auto line = co_await self.in.next();
                if (!line) break;
                self.at.note(line->line);
                if (line->line == "2" && self.life == 1) throw std::runtime_error("choked");
            }
        }});
    link("source", "sink");
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("1", "2", "3", "4"));
}

TEST_F(life_test, what_is_sent_to_an_instance_between_two_lives_is_counted_as_down) {
    add("source", {.run = test::scripts::beats});
    add("sink", {.run = [](scripted& self) -> awaitable<void> {
            const auto line = co_await self.in.next();
            (void)line;
            throw std::runtime_error("gone");
        }})
        .restart.policy = restart_policy::never;
    link("source", "sink");
    stop_after(1050ms);
    EXPECT_EQ(run(), 1);
    EXPECT_EQ(only_link().delivered, 1u);
    EXPECT_EQ(dropped(only_link(), "down"), 9u);
}

TEST_F(life_test, a_stop_between_two_lives_ends_at_once_and_is_no_failure) {
    add("broken", {.run = [](scripted& self) -> awaitable<void> {
            self.host.spawn([](scripted& me) -> awaitable<void> {
                co_await asio::post(use_awaitable);
                me.host.stop_host("stop while it waits for its next life");
                throw std::runtime_error("over");
            }(self));
            co_return;
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(lives["broken"], 1);
    EXPECT_LT(lasted, 250ms);
}

// ---- drain ----

TEST_F(life_test, a_drain_runs_from_the_sources_to_the_sinks_and_loses_nothing) {
    add("source", {.run = test::scripts::beats});
    add("middle", {.run = [](scripted& self) -> awaitable<void> {
            for (;;) {
                const auto line = co_await self.in.next();
                if (!line) break;
                // Slower than what arrives: there is always something left to do.
                if (!self.host.draining()) co_await self.host.sleep_for(150ms);
                co_await self.send(line->line);
            }
            self.at.note("middle ends");
        }}, "other");
    add("sink", {.run = test::scripts::notes});
    link("source", "middle");
    link("middle", "sink");
    stop_after(2050ms);
    EXPECT_EQ(run(), 0);
    std::vector<std::string> expected;
    for (int i = 1; i <= 20; ++i) expected.push_back("sink: " + std::to_string(i));
    std::vector<std::string> lines, ends;
    for (const auto& each : notes) (each.ends_with("ends") ? ends : lines).push_back(each);
    EXPECT_EQ(lines, expected);
    EXPECT_THAT(ends, ElementsAre("source ends", "middle ends", "sink ends"));
    EXPECT_LT(lasted, 2500ms);
}

TEST_F(life_test, who_does_not_drain_is_ended_hard_after_five_seconds) {
    add("stubborn", {.run = [](scripted& self) -> awaitable<void> {
            event never;
            try {
                co_await never.wait();
            } catch (const boost::system::system_error& e) {
                self.at.note(e.code() == asio::error::operation_aborted ? "aborted" : "other");
                throw;
            }
        }});
    stop_after(1s);
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("aborted"));
    EXPECT_EQ(lasted, 6s);
    EXPECT_THAT(logged(), Contains("warn host: not drained after 5 s, ended hard: stubborn"));
    EXPECT_FALSE(host->abandoned());
}

TEST_F(life_test, an_aborted_operation_is_a_good_end_while_draining) {
    add("reader", {.run = [](scripted& self) -> awaitable<void> {
            event over;
            const drain_state::watch on_drain(self.host.drain(), [&over] { over.set(); });
            co_await over.wait();
            throw boost::system::system_error(asio::error::operation_aborted);
        }});
    stop_after(1s);
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(instance("reader").state, "ended");
}

TEST_F(life_test, an_aborted_operation_out_of_the_blue_is_a_failure) {
    add("reader", {.run = [](scripted&) -> awaitable<void> {
            throw boost::system::system_error(asio::error::operation_aborted);
            co_return;
        }})
        .restart.policy = restart_policy::never;
    EXPECT_EQ(run(), 1);
}

TEST_F(life_test, a_failure_while_draining_fails_the_host) {
    add("bad", {.run = [](scripted& self) -> awaitable<void> {
            co_await self.host.sleep_for(1h);
            throw std::runtime_error("could not finish the file");
        }});
    stop_after(1s);
    EXPECT_EQ(run(), 1);
    EXPECT_EQ(instance("bad").failure, "could not finish the file");
    EXPECT_EQ(lives["bad"], 1);
}

TEST_F(life_test, terminate_reaches_a_prepare_of_a_later_life_and_run_is_not_begun) {
    add("stuck", {.prepare = [](scripted& self) -> awaitable<void> {
            if (self.life == 1) co_return;
            event never;
            co_await never.wait();
        }, .run = [](scripted& self) -> awaitable<void> {
            self.at.note("run " + std::to_string(self.life));
            throw std::runtime_error("again");
            co_return;
        }});
    stop_after(2s);
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("run 1"));
}

using life_death_test = life_test;

TEST_F(life_death_test, a_task_that_never_ends_is_named_and_left_behind) {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    add("immortal", {.run = [](scripted& self) -> awaitable<void> {
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            event never;
            for (;;) {
                co_await never.wait();
                self.at.note("impossible");
            }
        }});
    add("good", {.run = test::scripts::beats});
    stop_after(1s);
    // What is left behind is a leak on purpose, and the process ends without destructors.
    EXPECT_EXIT(
        {
            const int status = run();
            for (const auto& line : logged()) std::fprintf(stderr, "%s\n", line.c_str());
            std::fprintf(stderr, "status %d, abandoned %d, after %ld s\n", status, host->abandoned(),
                         std::chrono::duration_cast<std::chrono::seconds>(lasted).count());
            std::_Exit(status);
        },
        ::testing::ExitedWithCode(1), "does not end and is left behind: immortal\nstatus 1, abandoned 1, after 7 s");
}

}  // namespace
}  // namespace streamhost
