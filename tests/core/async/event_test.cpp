#include "support/simulated_lane.hpp"

#include <streamhost/event.hpp>

#include <boost/system/system_error.hpp>

#include <gmock/gmock.h>

#include <optional>

namespace streamhost {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class event_test : public ::testing::Test {
protected:
    awaitable<void> wait_as(std::string who) {
        try {
            co_await signal->wait();
            log.push_back(who);
        } catch (const boost::system::system_error& e) {
            log.push_back(who + (e.code() == asio::error::operation_aborted ? " aborted" : " failed"));
        }
    }

    test::simulated_lane lane;
    std::optional<event> signal{std::in_place};
    std::vector<std::string> log;
    task_group first{lane.as};
    task_group second{lane.as};
};

TEST_F(event_test, resumes_all_that_wait_in_their_order) {
    first.spawn(wait_as("a"));
    first.spawn(wait_as("b"));
    first.spawn(wait_as("c"));
    lane.settle();
    EXPECT_THAT(log, IsEmpty());
    EXPECT_TRUE(signal->has_waiters());
    signal->set();
    EXPECT_FALSE(signal->has_waiters());
    EXPECT_THAT(log, IsEmpty()) << "a waiter ran inside set()";
    lane.settle();
    EXPECT_THAT(log, ElementsAre("a", "b", "c"));
}

TEST_F(event_test, remembers_one_signal_where_nobody_waits) {
    signal->set();
    signal->set();
    first.spawn(wait_as("a"));
    lane.settle();
    EXPECT_THAT(log, ElementsAre("a"));
    first.spawn(wait_as("b"));
    lane.settle();
    EXPECT_THAT(log, ElementsAre("a"));
    signal->set();
    lane.settle();
    EXPECT_THAT(log, ElementsAre("a", "b"));
}

TEST_F(event_test, a_signal_that_somebody_got_is_not_remembered) {
    first.spawn(wait_as("a"));
    lane.settle();
    signal->set();
    lane.settle();
    first.spawn(wait_as("b"));
    lane.settle();
    EXPECT_THAT(log, ElementsAre("a"));
    signal->set();
    lane.settle();
}

TEST_F(event_test, cancellation_ends_only_the_waiter_that_was_cancelled) {
    first.spawn(wait_as("a"));
    second.spawn(wait_as("b"));
    first.spawn(wait_as("c"));
    lane.settle();
    lane.run([this] { second.terminate(); });
    EXPECT_THAT(log, ElementsAre("b aborted"));
    lane.run([this] { first.terminate(); });
    EXPECT_FALSE(signal->has_waiters());
    EXPECT_THAT(log, ElementsAre("b aborted", "a aborted", "c aborted"));
}

TEST_F(event_test, a_waiter_that_was_signalled_and_then_cancelled_has_got_the_signal) {
    first.spawn(wait_as("a"));
    lane.settle();
    lane.run([this] {
        signal->set();
        first.terminate();
    });
    EXPECT_THAT(log, ElementsAre("a"));
}

TEST_F(event_test, may_go_as_soon_as_it_was_set) {
    first.spawn(wait_as("a"));
    first.spawn(wait_as("b"));
    lane.settle();
    signal->set();
    signal.reset();
    lane.settle();
    EXPECT_THAT(log, ElementsAre("a", "b"));
}

TEST(event_death_test, an_event_that_goes_before_its_waiter_is_a_bug) {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    EXPECT_DEATH(
        {
            test::simulated_lane lane;
            task_group tasks(lane.as);
            auto signal = std::make_unique<event>();
            tasks.spawn(signal->wait());
            lane.settle();
            signal.reset();
        },
        "assertion failed: !has_waiters");
}

}  // namespace
}  // namespace streamhost
