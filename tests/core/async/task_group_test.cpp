#include "support/simulated_lane.hpp"

#include <streamhost/event.hpp>
#include <streamhost/task_group.hpp>

#include <boost/system/system_error.hpp>

#include <gmock/gmock.h>

#include <optional>
#include <stdexcept>

namespace streamhost {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class task_group_test : public ::testing::Test {
public:
    void note(std::string line) { log.push_back(std::move(line)); }

    awaitable<void> say(std::string what) {
        note(what);
        co_return;
    }
    awaitable<void> wait_for(event& signal, std::string who) {
        co_await signal.wait();
        note(who);
    }
    awaitable<void> fail_after(event& signal, std::string what) {
        co_await signal.wait();
        throw std::runtime_error(what);
    }
    awaitable<void> fail_at_once(std::string what) {
        throw std::runtime_error(what);
        co_return;
    }
    /// Ends only some turns after it was told to.
    awaitable<void> end_slowly(event& signal) {
        try {
            co_await signal.wait();
        } catch (const boost::system::system_error&) {
            note("slow: told");
        }
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await may_end.wait();
        note("slow: over");
    }
    awaitable<void> join(task_group& group) {
        try {
            co_await group.join();
            note("joined");
        } catch (const boost::system::system_error& e) {
            note(e.code() == asio::error::operation_aborted ? "join aborted" : e.what());
        } catch (const std::exception& e) {
            note(std::string("join: ") + e.what());
        }
    }

    test::simulated_lane lane;
    event signal;
    event may_end;
    std::vector<std::string> log;
    task_group tasks{lane.as};
    task_group parent{lane.as};
};

TEST_F(task_group_test, starts_a_child_in_a_later_turn) {
    parent.spawn([](task_group_test& self) -> awaitable<void> {
        self.tasks.spawn(self.say("child"));
        self.note("spawned");
        co_return;
    }(*this));
    lane.settle();
    EXPECT_THAT(log, ElementsAre("spawned", "child"));
}

TEST_F(task_group_test, join_waits_for_every_child) {
    tasks.spawn(wait_for(signal, "a"));
    tasks.spawn(wait_for(may_end, "b"));
    parent.spawn(join(tasks));
    lane.settle();
    EXPECT_EQ(tasks.size(), 2u);
    signal.set();
    lane.settle();
    EXPECT_THAT(log, ElementsAre("a"));
    EXPECT_EQ(tasks.size(), 1u);
    may_end.set();
    lane.settle();
    EXPECT_THAT(log, ElementsAre("a", "b", "joined"));
}

TEST_F(task_group_test, joining_an_empty_group_returns_at_once) {
    parent.spawn(join(tasks));
    lane.settle();
    EXPECT_THAT(log, ElementsAre("joined"));
}

TEST_F(task_group_test, the_first_failure_ends_the_siblings_and_is_what_join_throws) {
    tasks.spawn(wait_for(signal, "never"));
    tasks.spawn(fail_after(may_end, "first"));
    tasks.spawn(wait_for(signal, "never"));
    parent.spawn(join(tasks));
    lane.settle();
    may_end.set();
    lane.settle();
    EXPECT_THAT(log, ElementsAre("join: first"));
    EXPECT_FALSE(signal.has_waiters());
}

TEST_F(task_group_test, of_several_failures_the_first_is_thrown) {
    tasks.spawn(fail_at_once("first"));
    tasks.spawn(fail_at_once("second"));
    parent.spawn(join(tasks));
    lane.settle();
    EXPECT_THAT(log, ElementsAre("join: first"));
}

TEST_F(task_group_test, a_failure_before_anybody_joins_is_kept_for_join) {
    tasks.spawn(fail_at_once("early"));
    lane.settle();
    EXPECT_EQ(tasks.size(), 0u);
    parent.spawn(join(tasks));
    lane.settle();
    EXPECT_THAT(log, ElementsAre("join: early"));
}

TEST_F(task_group_test, terminate_ends_children_and_is_no_failure) {
    tasks.spawn(wait_for(signal, "never"));
    tasks.spawn(wait_for(signal, "never"));
    parent.spawn(join(tasks));
    lane.settle();
    lane.run([this] { tasks.terminate(); });
    EXPECT_THAT(log, ElementsAre("joined"));
}

TEST_F(task_group_test, an_abortion_that_nobody_asked_for_is_a_failure) {
    tasks.spawn([]() -> awaitable<void> {
        throw boost::system::system_error(asio::error::operation_aborted);
        co_return;
    }());
    parent.spawn(join(tasks));
    lane.settle();
    EXPECT_THAT(log, ElementsAre("join aborted"));
}

TEST_F(task_group_test, a_child_that_fails_while_it_is_ended_has_failed) {
    tasks.spawn([](event& signal) -> awaitable<void> {
        try {
            co_await signal.wait();
        } catch (const boost::system::system_error&) {
            throw std::runtime_error("clean-up failed");
        }
    }(signal));
    parent.spawn(join(tasks));
    lane.settle();
    lane.run([this] { tasks.terminate(); });
    EXPECT_THAT(log, ElementsAre("join: clean-up failed"));
}

TEST_F(task_group_test, what_is_spawned_after_terminate_never_begins) {
    tasks.terminate();
    tasks.spawn(say("ran"));
    parent.spawn(join(tasks));
    lane.settle();
    EXPECT_THAT(log, ElementsAre("joined"));
}

TEST_F(task_group_test, what_an_ending_child_spawns_ends_too) {
    tasks.spawn([](task_group_test& self) -> awaitable<void> {
        try {
            co_await self.signal.wait();
        } catch (const boost::system::system_error&) {
            self.tasks.spawn(self.wait_for(self.may_end, "never"));
            throw;
        }
    }(*this));
    parent.spawn(join(tasks));
    lane.settle();
    lane.run([this] { tasks.terminate(); });
    EXPECT_THAT(log, ElementsAre("joined"));
}

TEST_F(task_group_test, a_group_may_go_right_after_it_was_joined) {
    auto group = std::make_unique<task_group>(lane.as);
    group->terminate();
    group->spawn(say("ran"));
    parent.spawn([](task_group_test& self, std::unique_ptr<task_group> mine) -> awaitable<void> {
        co_await self.join(*mine);
        mine.reset();
    }(*this, std::move(group)));
    lane.settle();
    EXPECT_THAT(log, ElementsAre("joined"));
}

TEST_F(task_group_test, a_terminated_parent_ends_its_children_and_waits_for_them) {
    tasks.spawn(end_slowly(signal));
    parent.spawn(join(tasks));
    lane.settle();
    lane.run([this] { parent.terminate(); });
    EXPECT_THAT(log, ElementsAre("slow: told"));
    may_end.set();
    lane.settle();
    EXPECT_THAT(log, ElementsAre("slow: told", "slow: over", "join aborted"));
}

TEST_F(task_group_test, a_parent_that_is_terminated_while_its_children_end_still_waits_for_them) {
    tasks.spawn(end_slowly(signal));
    parent.spawn(join(tasks));
    lane.settle();
    lane.run([this] { tasks.terminate(); });
    lane.run([this] { parent.terminate(); });
    EXPECT_THAT(log, ElementsAre("slow: told"));
    may_end.set();
    lane.settle();
    EXPECT_THAT(log, ElementsAre("slow: told", "slow: over", "join aborted"));
}

TEST_F(task_group_test, terminate_survives_children_that_end_while_it_tells_the_others) {
    // Each child spawns nothing and ends inside the emission of the next one's cancellation, by way of an operation that
    // completes on the spot.
    constexpr int many = 5;
    std::vector<std::function<void()>> endings;
    for (int i = 0; i < many; ++i) {
        tasks.spawn([](task_group& group, std::vector<std::function<void()>>& all) -> awaitable<void> {
            auto initiation = [&](auto resume) {
                auto shared = std::make_shared<decltype(resume)>(std::move(resume));
                auto slot = asio::get_associated_cancellation_slot(*shared);
                all.push_back([shared, slot]() mutable {
                    slot.clear();
                    std::move (*shared)(error_code(asio::error::operation_aborted));
                });
                // Whoever is told first ends everybody, in reverse.
                slot.assign([&all](asio::cancellation_type) {
                    auto ended = std::move(all);
                    all.clear();
                    for (auto next = ended.rbegin(); next != ended.rend(); ++next) (*next)();
                });
            };
            co_await asio::async_initiate<const asio::use_awaitable_t<executor>, void(error_code)>(initiation,
                                                                                                   use_awaitable);
            (void)group;
        }(tasks, endings));
    }
    parent.spawn(join(tasks));
    lane.settle();
    EXPECT_EQ(endings.size(), 5u);
    lane.run([this] { tasks.terminate(); });
    EXPECT_THAT(log, ElementsAre("joined"));
}

TEST(task_group_death_test, a_group_that_goes_before_its_children_is_a_bug) {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    EXPECT_DEATH(
        {
            test::simulated_lane lane;
            event signal;
            auto tasks = std::make_unique<task_group>(lane.as);
            tasks->spawn(signal.wait());
            lane.settle();
            tasks.reset();
        },
        "assertion failed: children_.empty");
}

}  // namespace
}  // namespace streamhost
