#include <streamhost/mailbox.hpp>

#include "async/lane.hpp"
#include "async/machine_clock.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <gmock/gmock.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

namespace streamhost {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

/// A lane whose thread is the test's.
class mailbox_test : public ::testing::Test {
protected:
    /// Runs the lane until `done`.
    void run_until(const std::function<bool()>& done) {
        const auto work = asio::make_work_guard(lane_.context());
        lane_.context().restart();
        while (!done()) lane_.context().run_one();
    }

    machine_clock time_;
    lane lane_{"test", time_};
    int calls_ = 0;
    std::optional<mailbox<std::string>> box_{std::in_place, lane_.own_executor(), [this] { ++calls_; }};
};

TEST_F(mailbox_test, a_value_crosses_and_the_lane_is_told) {
    std::thread other([writer = box_->make_writer()]() mutable { EXPECT_TRUE(writer.offer("one")); });
    run_until([this] { return calls_ > 0; });
    other.join();
    EXPECT_THAT(box_->take(), Optional(std::string("one")));
    EXPECT_EQ(box_->take(), std::nullopt);
}

TEST_F(mailbox_test, an_offered_value_replaces_the_one_that_waits_and_that_is_counted) {
    auto writer = box_->make_writer();
    writer.offer("one");
    writer.offer("two");
    writer.offer("three");
    EXPECT_THAT(box_->take(), Optional(std::string("three")));
    EXPECT_EQ(box_->take_replaced(), 2u);
    EXPECT_EQ(box_->take_replaced(), 0u);
}

TEST_F(mailbox_test, several_changes_are_one_call) {
    auto writer = box_->make_writer();
    writer.offer("one");
    writer.offer("two");
    lane_.poll();
    EXPECT_EQ(calls_, 1);
    writer.offer("three");
    lane_.poll();
    EXPECT_EQ(calls_, 2);
}

TEST_F(mailbox_test, put_waits_for_room_and_loses_nothing) {
    std::thread other([writer = box_->make_writer()]() mutable {
        for (int i = 0; i < 100; ++i) EXPECT_TRUE(writer.put(std::to_string(i)));
    });
    std::vector<std::string> seen;
    run_until([&] {
        while (auto value = box_->take()) seen.push_back(*value);
        return box_->ended();
    });
    other.join();
    while (auto value = box_->take()) seen.push_back(*value);
    ASSERT_EQ(seen.size(), 100u);
    EXPECT_EQ(seen.front(), "0");
    EXPECT_EQ(seen.back(), "99");
    EXPECT_EQ(box_->take_replaced(), 0u);
}

TEST_F(mailbox_test, closing_frees_a_writer_that_waits_for_room) {
    std::promise<bool> second;
    std::thread other([&second, writer = box_->make_writer()]() mutable {
        writer.put("one");
        second.set_value(writer.put("two"));
    });
    run_until([this] { return calls_ > 0; });
    box_->close();
    EXPECT_FALSE(second.get_future().get());
    run_until([this] { return box_->ended(); });
    other.join();
    EXPECT_EQ(box_->take(), std::nullopt);
}

TEST_F(mailbox_test, the_end_of_the_writer_is_seen_also_after_closing) {
    {
        const auto writer = box_->make_writer();
        box_->close();
        EXPECT_TRUE(writer.closed());
        EXPECT_FALSE(box_->ended());
    }
    EXPECT_TRUE(box_->ended());
    lane_.poll();
    EXPECT_EQ(calls_, 1);
}

TEST_F(mailbox_test, a_writer_that_outlives_the_lane_writes_into_the_void) {
    auto writer = box_->make_writer();
    writer.offer("one");
    box_.reset();
    EXPECT_FALSE(writer.offer("two"));
    EXPECT_FALSE(writer.put("three"));
    EXPECT_TRUE(writer.closed());
    lane_.poll();
    EXPECT_EQ(calls_, 0);
}

}  // namespace
}  // namespace streamhost
