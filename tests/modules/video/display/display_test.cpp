#include "display.hpp"

#include "../temporary_folder.hpp"
#include "bar_code.hpp"
#include "fake_windows.hpp"
#include "jpeg_decoder.hpp"
#include "test_pattern.hpp"

#include "support/simulated_host.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <fstream>
#include <sstream>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using streamhost::test::plan_builder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// What the displays of one test find.
struct surroundings {
    test::fake_desk desk;
    std::string missing;
};
surroundings* current = nullptr;

class fake_display final : public display {
public:
    static module_info describe() { return describe_as<fake_display>(); }
    fake_display(module_context& host, display_settings chosen)
        : display(host, std::move(chosen),
                  {[] { return display_probe{current->missing, nullptr}; },
                   [] { return std::make_unique<test::fake_windows>(current->desk); }}) {}
};

struct source_settings {
    int count = 1000;
};

/// A picture each 100 ms.
class source final : public module {
public:
    static module_info describe() {
        return streamhost::describe<source, source_settings>("test.source", "sends pictures")
            .setting("count", &source_settings::count, "how many")
            .output<video_frame>("frames", "pictures");
    }
    source(module_context& host, source_settings chosen)
        : host_(host), chosen_(chosen), frames_(host.output<video_frame>("frames")) {}

    awaitable<void> run() override {
        auto beat = host_.every(100ms);
        for (int i = 0; i < chosen_.count; ++i) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;
            auto frame = pattern_.draw(static_cast<std::uint64_t>(i), {});
            co_await frames_.send(std::move(frame));
        }
    }

private:
    module_context& host_;
    source_settings chosen_;
    test_pattern pattern_{160, 120};
    output<video_frame> frames_;
};

class display_test : public ::testing::Test {
protected:
    display_test() { current = &around; }

    void add(boost::json::object settings = {}, boost::json::object source_settings = {}) {
        plan.add<source>("camera", std::move(source_settings));
        plan.add<fake_display>("screen", std::move(settings));
        plan.link("camera.frames", "screen.frames");
    }
    void at(duration when, std::function<void()> what) { plans.emplace_back(when, std::move(what)); }

    int run_for(duration span) {
        auto& face = world.add_host();
        host = std::make_unique<host_runtime>(plan.plan(), face);
        at(span, [this] { host->stop_host("the test is over"); });
        const auto own_lane = face.make_lane("test");
        std::vector<std::unique_ptr<timer>> timers;
        const int status = host->run([&] {
            const auto start = world.time().now();
            for (auto& [when, what] : plans) {
                timers.push_back(std::make_unique<timer>(own_lane->timers()));
                timers.back()->start(start + when, what);
            }
        });
        timers.clear();
        face.end_lane(*own_lane);
        return status;
    }
    const std::vector<video_frame>& shown(const std::string& title = "screen") { return around.desk.windows[title]; }
    instance_snapshot screen() { return host->snapshot().instances.at(1); }
    std::uint64_t received() {
        for (const auto& each : screen().metrics) {
            if (each.name == "pictures_received") return each.value;
        }
        return 0;
    }

    surroundings around;
    simulation world{1};
    plan_builder plan;
    std::unique_ptr<host_runtime> host;
    std::vector<std::pair<duration, std::function<void()>>> plans;
};

TEST_F(display_test, pictures_are_shown_in_a_window_that_is_closed_at_the_end) {
    add({}, {{"count", 5}});
    at(250ms, [this] { EXPECT_THAT(shown(), SizeIs(2)); });
    at(501ms, [this] { EXPECT_THAT(around.desk.closed, ElementsAre("screen")); });
    EXPECT_EQ(run_for(1h), 0);
    EXPECT_THAT(around.desk.windows, IsEmpty());
    EXPECT_EQ(received(), 5u);
}

TEST_F(display_test, the_corner_carries_rate_and_age_unless_it_is_switched_off) {
    plan.add<source>("camera");
    plan.add<fake_display>("screen");
    plan.add<fake_display>("plain", {{"overlay", false}});
    plan.link("camera.frames", "screen.frames");
    plan.link("camera.frames", "plain.frames");
    at(1s, [this] {
        const auto drawn = test_pattern(160, 120).draw(3, {});
        const auto& plain = shown("plain").at(3);
        EXPECT_TRUE(std::ranges::equal(plain.pixels.span(), drawn.pixels.span()));
        const auto& decorated = shown().at(3);
        EXPECT_FALSE(std::ranges::equal(decorated.pixels.span(), drawn.pixels.span()));
        EXPECT_EQ(read_bar_code(decorated), 3);
    });
    EXPECT_EQ(run_for(1100ms), 0);
}

TEST_F(display_test, q_and_the_users_closing_drain_the_host) {
    for (const bool by_key : {true, false}) {
        around.desk = {};
        plan = plan_builder();
        plans.clear();
        add();
        at(1s, [this, by_key] {
            if (by_key) around.desk.key = 'q';
            else around.desk.crossed = "screen";
        });
        const auto started = world.time().now();
        EXPECT_EQ(run_for(1h), 0);
        EXPECT_LT(world.time().now() - started, 2s);
        EXPECT_EQ(screen().state, "ended");
    }
}

TEST_F(display_test, a_window_may_be_hidden_while_the_pictures_go_on) {
    add({{"on_close", "hide"}});
    at(1050ms, [this] { around.desk.crossed = "screen"; });
    at(3s, [this] {
        EXPECT_FALSE(around.desk.windows.contains("screen"));
        EXPECT_GE(received(), 29u);
    });
    EXPECT_EQ(run_for(4s), 0);
}

TEST_F(display_test, another_key_does_nothing) {
    add();
    at(1s, [this] { around.desk.key = 'x'; });
    at(3s, [this] { EXPECT_EQ(screen().state, "running"); });
    EXPECT_EQ(run_for(4s), 0);
}

TEST_F(display_test, windows_live_on_while_no_picture_comes) {
    add({}, {{"count", 1}});
    plan.add<source>("other");
    plan.add<fake_display>("second");
    plan.link("other.frames", "second.frames");
    EXPECT_EQ(run_for(2s), 0);
    EXPECT_GE(around.desk.turns, 90);
}

TEST_F(display_test, windows_of_one_title_are_told_apart) {
    add({{"title", "robot"}});
    plan.add<source>("other");
    plan.add<fake_display>("second", {{"title", "robot"}});
    plan.link("other.frames", "second.frames");
    at(1050ms, [this] {
        EXPECT_THAT(shown("robot"), SizeIs(10));
        EXPECT_THAT(shown("robot (2)"), SizeIs(10));
    });
    EXPECT_EQ(run_for(2s), 0);
}

TEST_F(display_test, without_a_display_pictures_are_counted) {
    around.missing = "DISPLAY is not set";
    add();
    at(1050ms, [this] {
        EXPECT_EQ(received(), 10u);
        EXPECT_THAT(screen().condition, HasSubstr("DISPLAY is not set"));
    });
    EXPECT_EQ(run_for(2s), 0);
    EXPECT_THAT(around.desk.windows, IsEmpty());
}

TEST_F(display_test, without_a_display_the_start_may_be_refused) {
    around.missing = "DISPLAY is not set";
    add({{"headless", "refuse"}});
    EXPECT_EQ(run_for(1s), 1);
    EXPECT_THAT(screen().failure, HasSubstr("DISPLAY is not set"));
    EXPECT_THAT(screen().failure, HasSubstr("\"headless\": \"auto\""));
}

TEST_F(display_test, a_window_system_that_fails_fails_the_instance_which_starts_again) {
    add();
    at(1050ms, [this] { around.desk.broken = true; });
    at(1300ms, [this] { around.desk.broken = false; });
    at(15s, [this] {
        EXPECT_EQ(screen().state, "running");
        EXPECT_GE(screen().restarts, 1u);
        EXPECT_THAT(around.desk.windows, SizeIs(1));  // the one of the life before is closed
    });
    EXPECT_EQ(run_for(16s), 0);
}

TEST_F(display_test, the_first_picture_is_kept_with_a_display_and_without) {
    for (const auto* missing : {"", "DISPLAY is not set"}) {
        const test::temporary_folder folder;
        around.missing = missing;
        plan = plan_builder();
        plans.clear();
        add({{"snapshot", folder / "first.jpg"}});
        EXPECT_EQ(run_for(1s), 0);
        std::stringstream content;
        content << std::ifstream(folder / "first.jpg", std::ios::binary).rdbuf();
        const auto bytes = content.str();
        jpeg_decoder decoder;
        const auto frame = decoder.decode(std::as_bytes(std::span(bytes)));
        ASSERT_TRUE(frame);
        EXPECT_EQ(read_bar_code(*frame), 0);
        // Nothing else is left.
        EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
    }
}

TEST_F(display_test, a_snapshot_that_cannot_be_written_fails_the_start) {
    add({{"snapshot", "/no/such/folder/first.jpg"}});
    EXPECT_EQ(run_for(1s), 1);
    EXPECT_THAT(screen().failure, HasSubstr("/no/such/folder"));
}

}  // namespace
}  // namespace streamhost::video
