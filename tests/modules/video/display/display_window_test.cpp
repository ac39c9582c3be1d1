// The real windows, before an X server without a screen. Each test is a process of its own under CTest: Qt keeps its
// first display for as long as the process lives.
#include "display.hpp"

#include "bar_code.hpp"
#include "test_pattern.hpp"
#include "x_server.hpp"
#include "x_user.hpp"

#include "runtime/machine_world.hpp"
#include "support/simulated_host.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <thread>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using streamhost::test::plan_builder;
using ::testing::SizeIs;

struct pattern_settings {
    int width = 320;
    int height = 240;
};

/// The test pattern, thirty times a second.
class pattern final : public module {
public:
    static module_info describe() {
        return streamhost::describe<pattern, pattern_settings>("test.pattern", "draws")
            .setting("width", &pattern_settings::width, "pixels")
            .setting("height", &pattern_settings::height, "pixels")
            .output<video_frame>("frames", "the pattern");
    }
    pattern(module_context& host, pattern_settings chosen)
        : host_(host), pattern_(chosen.width, chosen.height), frames_(host.output<video_frame>("frames")) {}

    awaitable<void> run() override {
        auto beat = host_.every(33ms);
        for (std::uint64_t number = 0;; ++number) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;
            auto frame = pattern_.draw(number, 12h);
            co_await frames_.send(std::move(frame));
        }
    }

private:
    module_context& host_;
    test_pattern pattern_;
    output<video_frame> frames_;
};

/// Asks again and again, for as long as a slow machine may take.
template <class Question>
auto eventually(Question question) {
    const auto limit = std::chrono::steady_clock::now() + 30s;
    auto answer = question();
    while (!answer && std::chrono::steady_clock::now() < limit) {
        std::this_thread::yield();
        answer = question();
    }
    return answer;
}

class display_window_test : public ::testing::Test {
protected:
    display_window_test() {
        ::setenv("DISPLAY", server.display().c_str(), 1);
        ::unsetenv("QT_QPA_PLATFORM");
        ::unsetenv("XAUTHORITY");
    }

    /// Runs the host on this thread, which is the main one, while `user` is at work on another.
    int run(const std::function<void()>& user) {
        machine_world world;
        host_runtime host(plan.plan(), world);
        running = &host;
        std::thread other;
        const int status = host.run([&] {
            other = std::thread([&] {
                user();
                host.stop_host("the test is over");
            });
        });
        other.join();
        return status;
    }

    /// The window of that size, once it is there.
    std::optional<test::x_user::window> find_window(test::x_user& user, int width, int height) {
        return eventually([&]() -> std::optional<test::x_user::window> {
            for (const auto& each : user.windows()) {
                if (each.width == width && each.height == height) return each;
            }
            return std::nullopt;
        });
    }

    /// What the window shows, once that is a whole picture.
    std::optional<video_frame> see(test::x_user& user, const test::x_user::window& window) {
        return eventually([&]() -> std::optional<video_frame> {
            auto seen = user.picture(window);
            if (!read_bar_code(seen)) return std::nullopt;
            return seen;
        });
    }

    test::x_server server{1000, 700};
    plan_builder plan;
    host_runtime* running = nullptr;
};

std::array<int, 3> pixel(const video_frame& frame, int x, int y) {
    const auto* at = frame.pixels.data() + (static_cast<std::size_t>(y) * static_cast<std::size_t>(frame.width) +
                                            static_cast<std::size_t>(x)) * 3;
    return {std::to_integer<int>(at[0]), std::to_integer<int>(at[1]), std::to_integer<int>(at[2])};
}

/// Where somebody wants to look at what a test saw: a folder in STREAMHOST_TEST_PICTURES.
void keep(const video_frame& frame, const std::string& name) {
    const char* const folder = std::getenv("STREAMHOST_TEST_PICTURES");
    if (folder == nullptr) return;
    std::ofstream file(fmt::format("{}/{}.ppm", folder, name), std::ios::binary);
    file << "P6\n" << frame.width << " " << frame.height << "\n255\n";
    const auto bytes = frame.pixels.as_text();
    for (std::size_t i = 0; i < bytes.size(); i += 3) file.put(bytes[i + 2]).put(bytes[i + 1]).put(bytes[i]);
}

TEST_F(display_window_test, the_window_shows_the_picture_in_its_size_and_colours) {
    plan.add<pattern>("camera", {{"width", 640}, {"height", 480}});
    plan.add<display>("screen", {{"overlay", false}});
    plan.link("camera.frames", "screen.frames", usual_queue(queue_policy::latest));
    const auto expected = test_pattern(640, 480).draw(0, 12h);
    EXPECT_EQ(run([&] {
        test::x_user user(server.display());
        const auto window = find_window(user, 640, 480);
        ASSERT_TRUE(window);
        const auto first = see(user, *window);
        ASSERT_TRUE(first);
        keep(*first, "plain");
        for (const auto& [x, y] : {std::pair{20, 20}, std::pair{200, 20}, std::pair{300, 60}, std::pair{600, 20}}) {
            EXPECT_EQ(pixel(*first, x, y), pixel(expected, x, y)) << x << " " << y;
        }
        const auto number = read_bar_code(*first);
        EXPECT_TRUE(eventually([&] { return read_bar_code(user.picture(*window)).value_or(*number) != *number; }));
    }), 0);
}

TEST_F(display_window_test, rate_and_age_are_drawn_into_the_corner) {
    plan.add<pattern>("camera", {{"width", 640}, {"height", 480}});
    plan.add<display>("screen");
    plan.link("camera.frames", "screen.frames", usual_queue(queue_policy::latest));
    EXPECT_EQ(run([&] {
        test::x_user user(server.display());
        const auto window = find_window(user, 640, 480);
        ASSERT_TRUE(window);
        // Late enough for a rate to be known.
        ASSERT_TRUE(eventually([&] { return read_bar_code(user.picture(*window)).value_or(0) > 60; }));
        const auto seen = see(user, *window);
        ASSERT_TRUE(seen);
        keep(*seen, "overlay");
        EXPECT_EQ(pixel(*seen, 1, 1), (std::array{24, 24, 24}));
    }), 0);
}

TEST_F(display_window_test, several_windows_show_at_the_same_time) {
    plan.add<pattern>("camera");
    plan.add<pattern>("other", {{"width", 640}, {"height", 480}});
    plan.add<display>("screen", {{"title", "robot"}});
    plan.add<display>("second", {{"title", "robot"}});
    plan.link("camera.frames", "screen.frames", usual_queue(queue_policy::latest));
    plan.link("other.frames", "second.frames", usual_queue(queue_policy::latest));
    EXPECT_EQ(run([&] {
        test::x_user user(server.display());
        EXPECT_TRUE(find_window(user, 320, 240));
        const auto large = find_window(user, 640, 480);
        ASSERT_TRUE(large);
        EXPECT_TRUE(see(user, *large));
    }), 0);
}

TEST_F(display_window_test, q_drains_the_host) {
    plan.add<pattern>("camera");
    plan.add<display>("screen");
    plan.link("camera.frames", "screen.frames", usual_queue(queue_policy::latest));
    EXPECT_EQ(run([&] {
        test::x_user user(server.display());
        const auto window = find_window(user, 320, 240);
        ASSERT_TRUE(window);
        ASSERT_TRUE(see(user, *window));
        user.press(*window, 'q');
        EXPECT_TRUE(eventually([&] { return running->snapshot().instances[0].state == "ended"; }));
    }), 0);
}

TEST_F(display_window_test, closing_the_window_drains_the_host) {
    plan.add<pattern>("camera");
    plan.add<display>("screen");
    plan.link("camera.frames", "screen.frames", usual_queue(queue_policy::latest));
    EXPECT_EQ(run([&] {
        test::x_user user(server.display());
        const auto window = find_window(user, 320, 240);
        ASSERT_TRUE(window);
        ASSERT_TRUE(see(user, *window));
        user.close(*window);
        EXPECT_TRUE(eventually([&] { return running->snapshot().instances[0].state == "ended"; }));
    }), 0);
}

TEST_F(display_window_test, a_closed_window_may_be_hidden_instead) {
    plan.add<pattern>("camera");
    plan.add<display>("screen", {{"on_close", "hide"}});
    plan.link("camera.frames", "screen.frames", usual_queue(queue_policy::latest));
    EXPECT_EQ(run([&] {
        test::x_user user(server.display());
        const auto window = find_window(user, 320, 240);
        ASSERT_TRUE(window);
        ASSERT_TRUE(see(user, *window));
        user.close(*window);
        EXPECT_TRUE(eventually([&] { return user.windows().empty(); }));
        const auto count = running->snapshot().links[0].delivered;
        EXPECT_TRUE(eventually([&] { return running->snapshot().links[0].delivered > count + 10; }));
        EXPECT_EQ(running->snapshot().instances[1].state, "running");
        EXPECT_THAT(user.windows(), SizeIs(0));
    }), 0);
}

}  // namespace
}  // namespace streamhost::video
