#include "support/simulated_lane.hpp"

#include <streamhost/timers.hpp>

#include <gmock/gmock.h>

#include <memory>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class timers_test : public ::testing::Test {
protected:
    std::function<void()> noting(std::string what) {
        return [this, what] { log.push_back(what); };
    }

    test::simulated_lane lane;
    std::vector<std::string> log;
};

TEST_F(timers_test, call_back_once_in_the_order_of_their_times) {
    timer a(lane.timers), b(lane.timers), c(lane.timers);
    b.start_after(20ms, noting("b"));
    a.start_after(10ms, noting("a"));
    c.start_after(30ms, noting("c"));
    lane.run_for(9ms);
    EXPECT_THAT(log, IsEmpty());
    lane.run_for(1ms);
    EXPECT_THAT(log, ElementsAre("a"));
    lane.run_for(1h);
    EXPECT_THAT(log, ElementsAre("a", "b", "c"));
}

TEST_F(timers_test, of_one_moment_run_in_the_order_in_which_they_were_started) {
    timer a(lane.timers), b(lane.timers), c(lane.timers);
    const auto when = lane.now() + 10ms;
    c.start(when, noting("c"));
    a.start(when, noting("a"));
    b.start(when, noting("b"));
    lane.run_for(10ms);
    EXPECT_THAT(log, ElementsAre("c", "a", "b"));
}

TEST_F(timers_test, a_stopped_or_destroyed_timer_stays_silent) {
    timer stopped(lane.timers);
    auto gone = std::make_unique<timer>(lane.timers);
    stopped.start_after(10ms, noting("stopped"));
    gone->start_after(10ms, noting("gone"));
    stopped.stop();
    gone.reset();
    lane.run_for(1s);
    EXPECT_THAT(log, IsEmpty());
    EXPECT_EQ(lane.timers.earliest(), std::nullopt);
}

TEST_F(timers_test, starting_again_replaces_the_time_and_the_callback) {
    timer once(lane.timers);
    once.start_after(10ms, noting("early"));
    once.start_after(30ms, noting("late"));
    lane.run_for(20ms);
    EXPECT_THAT(log, IsEmpty());
    lane.run_for(10ms);
    EXPECT_THAT(log, ElementsAre("late"));
}

TEST_F(timers_test, a_callback_may_start_its_own_timer_again) {
    timer beat(lane.timers);
    std::function<void()> again = [&] {
        log.push_back("beat");
        if (log.size() < 3) beat.start_after(10ms, again);
    };
    beat.start_after(10ms, again);
    lane.run_for(1s);
    EXPECT_THAT(log, ElementsAre("beat", "beat", "beat"));
}

TEST_F(timers_test, a_callback_may_stop_another_timer_of_the_same_moment) {
    timer a(lane.timers), b(lane.timers), c(lane.timers);
    const auto when = lane.now() + 10ms;
    a.start(when, [&] {
        log.push_back("a");
        b.stop();
    });
    b.start(when, noting("b"));
    c.start(when, noting("c"));
    lane.run_for(1s);
    EXPECT_THAT(log, ElementsAre("a", "c"));
}

TEST_F(timers_test, a_callback_may_destroy_its_own_timer) {
    auto mine = std::make_unique<timer>(lane.timers);
    mine->start_after(10ms, [&, text = std::string("still there after the timer has gone")] {
        mine.reset();
        log.push_back(text);
    });
    lane.run_for(1s);
    EXPECT_THAT(log, ElementsAre("still there after the timer has gone"));
}

TEST_F(timers_test, a_timer_for_the_past_runs_in_the_next_round) {
    timer first(lane.timers), second(lane.timers);
    first.start_after(10ms, [&] {
        second.start(lane.now() - 5ms, noting("second"));
        log.push_back("first");
    });
    lane.run_for(10ms);
    EXPECT_THAT(log, ElementsAre("first", "second"));
}

TEST_F(timers_test, say_when_the_earliest_time_has_become_earlier) {
    int earlier = 0;
    lane.timers.on_earlier = [&] { ++earlier; };
    timer a(lane.timers), b(lane.timers);
    a.start_after(20ms, [] {});
    EXPECT_EQ(earlier, 1);
    b.start_after(30ms, [] {});
    EXPECT_EQ(earlier, 1);
    b.start_after(10ms, [] {});
    EXPECT_EQ(earlier, 2);
    lane.timers.on_earlier = nullptr;
}

}  // namespace
}  // namespace streamhost
