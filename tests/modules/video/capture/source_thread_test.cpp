#include "source_thread.hpp"

#include "async/lane.hpp"
#include "async/machine_clock.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <gmock/gmock.h>

#include <atomic>
#include <deque>
#include <future>
#include <memory>
#include <stdexcept>

namespace streamhost::video {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What a device does, call by call. Shared with the test: the thread may outlive it.
struct device {
    std::deque<std::function<source_event()>> reads;  ///< for each opening; then the end
    bool live = false;
    int openings_that_work = 1;
    std::atomic<int> openings{0};
    std::atomic<int> reads_done{0};
    std::atomic<bool> destroyed{false};
};

class scripted_source final : public frame_source {
public:
    explicit scripted_source(std::shared_ptr<device> plan) : plan_(std::move(plan)) { info_.live = plan_->live; }
    ~scripted_source() override { plan_->destroyed = true; }

    std::optional<source_failure> open() override {
        if (++plan_->openings > plan_->openings_that_work) return source_failure{"no such device", {}};
        next_ = 0;
        return std::nullopt;
    }
    source_event read() override {
        if (next_ == plan_->reads.size()) return source_end{};
        auto event = plan_->reads[next_++]();
        ++plan_->reads_done;
        return event;
    }
    const source_info& info() const override { return info_; }

private:
    std::shared_ptr<device> plan_;
    source_info info_;
    std::size_t next_ = 0;
};

std::function<source_event()> frame(int width) {
    return [width] {
        source_picture made;
        made.frame = video_frame{width, 1, pixel_format::gray8,
                                 shared_bytes::adopt(std::vector<std::byte>(static_cast<std::size_t>(width)))};
        return source_event(made);
    };
}

/// A lane whose thread is the test's.
class source_thread_test : public ::testing::Test {
protected:
    void start(bool loop = false) {
        feed_ = std::make_unique<source_thread>(std::make_unique<scripted_source>(plan_), loop, lane_.own_executor(),
                                                [this] { take_all(); });
    }

    void take_all() {
        while (auto event = feed_->take()) {
            if (const auto* picture = std::get_if<source_picture>(&*event)) widths_.push_back(picture->frame->width);
            if (std::holds_alternative<source_end>(*event)) ended_ = true;
            if (const auto* failure = std::get_if<source_failure>(&*event)) failure_ = failure->reason;
            if (static_cast<int>(widths_.size()) >= enough_) feed_->stop();
        }
    }

    void run_until(const std::function<bool()>& done) {
        const auto work = asio::make_work_guard(lane_.context());
        lane_.context().restart();
        while (!done()) lane_.context().run_one();
    }
    void run_to_its_end() {
        run_until([this] { return feed_->ended(); });
        take_all();
    }

    machine_clock time_;
    lane lane_{"test", time_};
    std::shared_ptr<device> plan_ = std::make_shared<device>();
    std::vector<int> widths_;
    int enough_ = 1000;
    bool ended_ = false;
    std::string failure_;
    std::unique_ptr<source_thread> feed_;
};

TEST_F(source_thread_test, every_picture_of_a_file_comes_in_order_and_then_the_end) {
    for (int i = 1; i <= 50; ++i) plan_->reads.push_back(frame(i));
    start();
    run_to_its_end();
    ASSERT_EQ(widths_.size(), 50u);
    for (int i = 1; i <= 50; ++i) EXPECT_EQ(widths_[static_cast<std::size_t>(i) - 1], i);
    EXPECT_TRUE(ended_);
    EXPECT_TRUE(plan_->destroyed);
}

TEST_F(source_thread_test, a_loop_opens_again_at_the_end) {
    plan_->reads = {frame(1), frame(2)};
    plan_->openings_that_work = 100;
    enough_ = 5;
    start(true);
    run_to_its_end();
    EXPECT_THAT(widths_, ElementsAre(1, 2, 1, 2, 1));
    EXPECT_FALSE(ended_);
}

TEST_F(source_thread_test, a_loop_over_nothing_is_an_end) {
    plan_->openings_that_work = 100;
    start(true);
    run_to_its_end();
    EXPECT_TRUE(ended_);
    EXPECT_EQ(plan_->openings, 1);
}

TEST_F(source_thread_test, a_file_that_is_gone_when_the_loop_comes_round_is_a_failure) {
    plan_->reads = {frame(1)};
    start(true);
    run_to_its_end();
    EXPECT_THAT(widths_, ElementsAre(1));
    EXPECT_EQ(failure_, "no such device");
}

TEST_F(source_thread_test, what_cannot_be_opened_is_a_failure) {
    plan_->openings_that_work = 0;
    start();
    run_to_its_end();
    EXPECT_EQ(failure_, "no such device");
}

TEST_F(source_thread_test, what_a_source_throws_is_a_failure) {
    plan_->reads = {frame(1), []() -> source_event { throw std::runtime_error("OpenCV(4.6.0) assertion failed"); }};
    start();
    run_to_its_end();
    EXPECT_THAT(widths_, ElementsAre(1));
    EXPECT_THAT(failure_, HasSubstr("assertion failed"));

    plan_ = std::make_shared<device>();
    plan_->reads = {[]() -> source_event { throw 7; }};
    start();
    run_to_its_end();
    EXPECT_EQ(failure_, "an unknown exception");
}

TEST_F(source_thread_test, of_a_live_source_the_newest_picture_is_taken) {
    plan_->live = true;
    for (int i = 1; i <= 9; ++i) plan_->reads.push_back(frame(i));
    std::promise<void> gate;
    std::promise<void> last_read;
    plan_->reads.push_back([&, open = gate.get_future().share()]() -> source_event {
        last_read.set_value();
        open.wait();
        return source_failure{"gone", {}};
    });
    start();
    last_read.get_future().wait();  // nine were read, none was taken
    EXPECT_EQ(feed_->take_replaced(), 8u);
    take_all();
    EXPECT_THAT(widths_, ElementsAre(9));
    gate.set_value();
    run_to_its_end();
    EXPECT_EQ(failure_, "gone");
}

TEST_F(source_thread_test, a_read_that_hangs_is_left_alone) {
    std::promise<void> gate;
    std::promise<void> reached;
    plan_->reads = {frame(1), [&, open = gate.get_future().share()] {
        reached.set_value();
        open.wait();
        return frame(2)();
    }};
    start();
    run_until([this] { return !widths_.empty(); });
    reached.get_future().wait();
    feed_->stop();
    EXPECT_FALSE(feed_->ended());
    feed_.reset();  // returns, although the read hangs
    EXPECT_FALSE(plan_->destroyed);

    // What wakes later finds nobody, and goes.
    gate.set_value();
    while (!plan_->destroyed) std::this_thread::yield();
    EXPECT_THAT(widths_, ElementsAre(1));
}

}  // namespace
}  // namespace streamhost::video
