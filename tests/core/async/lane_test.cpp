#include "async/lane.hpp"
#include "async/machine_clock.hpp"

#include <streamhost/task_group.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <gmock/gmock.h>

#include <pthread.h>

#include <array>
#include <future>
#include <memory>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

/// A lane with its thread, as hosts have them.
class lane_test : public ::testing::Test {
protected:
    /// Returns after the turn in which the work ran is over: its marks are given back then.
    template <class Work>
    void run(executor as, Work work) {
        const auto done = std::make_shared<std::promise<void>>();
        auto over = done->get_future();
        asio::post(as, [&] {
            work();
            asio::post(on.own_executor(), [done] { done->set_value(); });
        });
        over.wait();
    }

    machine_clock time;
    lane on{"video-and-much-more", time};
};

TEST_F(lane_test, has_a_thread_that_carries_its_name) {
    on.start();
    std::array<char, 16> name{};
    ::pthread_getname_np(on.thread().native_handle(), name.data(), name.size());
    EXPECT_STREQ(name.data(), "sh:video-and-mu");
    std::thread::id ran;
    run(on.own_executor(), [&] { ran = std::this_thread::get_id(); });
    EXPECT_EQ(ran, on.thread().get_id());
}

TEST_F(lane_test, marks_whose_work_runs) {
    activity owner{"camera"};
    const auto as = on.executor_for(owner);
    on.start();
    const activity* seen = nullptr;
    run(as, [&] { seen = on.activity_state().running.load(); });
    EXPECT_EQ(seen, &owner);
    run(on.own_executor(), [&] { seen = on.activity_state().running.load(); });
    ASSERT_NE(seen, nullptr);
    EXPECT_EQ(seen->name, "video-and-much-more");
}

TEST_F(lane_test, gives_the_mark_back_to_the_work_that_it_runs_inside_of) {
    activity outer{"outer"}, inner{"inner"};
    const auto as_outer = on.executor_for(outer), as_inner = on.executor_for(inner);
    on.start();
    std::vector<std::string> names;
    const auto note = [&] { names.push_back(on.activity_state().running.load()->name); };
    run(as_outer, [&] {
        note();
        asio::dispatch(as_inner, note);
        note();
    });
    EXPECT_THAT(names, ElementsAre("outer", "inner", "outer"));
}

TEST_F(lane_test, runs_timers_and_one_that_is_started_earlier_goes_first) {
    timer early(on.timers()), late(on.timers());
    std::vector<std::string> order;
    std::promise<void> done;
    on.start();
    asio::post(on.own_executor(), [&] {
        late.start_after(20ms, [&] {
            order.push_back("late");
            done.set_value();
        });
        early.start_after(1ms, [&] { order.push_back("early"); });
    });
    done.get_future().wait();
    EXPECT_THAT(order, ElementsAre("early", "late"));
}

TEST_F(lane_test, ends_when_it_is_told_to_though_work_is_pending) {
    timer never(on.timers());
    on.start();
    run(on.own_executor(), [&] { never.start_after(1h, [] {}); });
    on.stop();
    on.thread().join();
    EXPECT_TRUE(on.ended());
}

}  // namespace
}  // namespace streamhost
