#include "window_pump.hpp"

#include "fake_windows.hpp"

#include "support/simulated_lane.hpp"

#include <gmock/gmock.h>

#include <deque>

namespace streamhost::video {
namespace {

using ::testing::SizeIs;

video_frame picture(int width) {
    return {width, 1, pixel_format::gray8, shared_bytes::adopt(std::vector<std::byte>(static_cast<std::size_t>(width)))};
}

/// The main thread's turns come when the test says so.
class window_pump_test : public ::testing::Test {
protected:
    struct events {
        explicit events(const executor& lane) : box(lane, [] {}) {}
        mailbox<window_event> box;
        std::uint64_t id = 0;
    };

    std::unique_ptr<events> add(const std::string& title) {
        auto made = std::make_unique<events>(lane.as);
        made->id = pump->add(title, made->box.make_writer());
        return made;
    }
    void run_main() {
        while (!main.empty()) {
            auto work = std::move(main.front());
            main.pop_front();
            work();
        }
    }

    streamhost::test::simulated_lane lane;
    test::fake_desk desk;
    std::deque<std::function<void()>> main;
    std::shared_ptr<window_pump> pump = std::make_shared<window_pump>(
        [this](std::function<void()> work) { main.push_back(std::move(work)); },
        [this] { return std::make_unique<test::fake_windows>(desk); });
};

TEST_F(window_pump_test, turns_that_have_not_come_yet_are_one) {
    const auto window = add("a");
    pump->turn();
    pump->turn();
    pump->show(window->id, picture(1));
    EXPECT_THAT(main, SizeIs(1));
    run_main();
    pump->turn();
    EXPECT_THAT(main, SizeIs(1));
}

TEST_F(window_pump_test, a_picture_that_was_not_shown_gives_way_to_the_next) {
    const auto window = add("a");
    EXPECT_FALSE(pump->show(window->id, picture(1)));
    EXPECT_TRUE(pump->show(window->id, picture(2)));
    run_main();
    ASSERT_THAT(desk.windows["a"], SizeIs(1));
    EXPECT_EQ(desk.windows["a"][0].width, 2);
}

TEST_F(window_pump_test, a_window_that_the_user_closed_is_not_opened_again) {
    const auto window = add("a");
    pump->show(window->id, picture(1));
    run_main();
    desk.crossed = "a";
    pump->turn();
    run_main();
    ASSERT_EQ(window->box.take()->what, window_event::kind::closed);
    pump->show(window->id, picture(2));
    run_main();
    EXPECT_FALSE(desk.windows.contains("a"));
    EXPECT_FALSE(window->box.take());
}

TEST_F(window_pump_test, q_is_told_to_every_window) {
    const auto first = add("a");
    const auto second = add("b");
    pump->show(first->id, picture(1));
    pump->show(second->id, picture(1));
    desk.key = 'q';
    run_main();
    EXPECT_EQ(first->box.take()->what, window_event::kind::quit);
    EXPECT_EQ(second->box.take()->what, window_event::kind::quit);
}

TEST_F(window_pump_test, closing_ends_the_events_and_leaves_the_others) {
    const auto first = add("a");
    const auto second = add("b");
    pump->show(first->id, picture(1));
    pump->show(second->id, picture(1));
    run_main();
    pump->close(first->id);
    EXPECT_FALSE(first->box.ended());
    run_main();
    EXPECT_TRUE(first->box.ended());
    EXPECT_FALSE(second->box.ended());
    EXPECT_FALSE(desk.windows.contains("a"));
    EXPECT_TRUE(desk.windows.contains("b"));
}

TEST_F(window_pump_test, one_that_never_had_a_picture_can_be_closed) {
    const auto window = add("a");
    pump->close(window->id);
    run_main();
    EXPECT_TRUE(window->box.ended());
    EXPECT_EQ(desk.turns, 0);
}

TEST_F(window_pump_test, what_the_window_system_throws_is_told_and_goes_no_further) {
    const auto window = add("a");
    desk.broken = true;
    pump->show(window->id, picture(1));
    run_main();
    const auto event = window->box.take();
    ASSERT_TRUE(event);
    EXPECT_EQ(event->what, window_event::kind::failed);
    EXPECT_EQ(event->text, "no more colours");
}

TEST_F(window_pump_test, a_turn_may_come_when_everybody_has_gone) {
    {
        const auto window = add("a");
        pump->show(window->id, picture(1));
        pump->close(window->id);
    }
    pump.reset();
    run_main();
    EXPECT_FALSE(desk.windows.contains("a"));
}

}  // namespace
}  // namespace streamhost::video
