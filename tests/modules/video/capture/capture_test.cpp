#include "scripted_sources.hpp"

#include "bar_code.hpp"
#include "jpeg_header.hpp"
#include "test_pattern.hpp"

#include "observe/log_tap.hpp"
#include "support/simulated_host.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using test::camera;
using test::film;
using test::life;
using test::picture;
using test::pictures;
using test::operator+;
using streamhost::test::plan_builder;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const source_failure unplugged{"it is gone", {}};

/// A frame or an image that arrived.
struct arrival {
    duration at;  ///< since the start
    int value;    ///< of the first pixel; for images 0
    int width;
    message_header header;
    video_frame frame;
    encoded_image image;
};

struct arrivals {
    std::vector<arrival> frames;
    std::vector<arrival> images;
    bool ended = false;

    /// Cards are larger than the pictures of these tests.
    static bool is_card(const arrival& one) { return one.width >= 64; }

    std::vector<int> values() const {
        std::vector<int> list;
        for (const auto& each : frames) list.push_back(is_card(each) ? -1 : each.value);
        return list;
    }
    std::vector<duration> times() const {
        std::vector<duration> list;
        for (const auto& each : frames) list.push_back(each.at);
        return list;
    }
};
arrivals* noted = nullptr;

template <class Payload>
class sink final : public module {
public:
    static module_info describe() {
        return streamhost::describe<sink>(std::is_same_v<Payload, video_frame> ? "test.frames" : "test.images", "notes")
            .template input<Payload>("in", "pictures");
    }
    explicit sink(module_context& host)
        : host_(host), in_(host.input<Payload>("in")), started_(host.clock().now()) {}

    awaitable<void> run() override {
        for (;;) {
            const auto content = co_await in_.next();
            if (!content) break;
            note(*content, content.header());
        }
        noted->ended = true;
    }

private:
    void note(const video_frame& frame, const message_header& header) {
        noted->frames.push_back({host_.clock().now() - started_, std::to_integer<int>(frame.pixels.data()[0]),
                                 frame.width, header, frame, {}});
    }
    void note(const encoded_image& image, const message_header& header) {
        noted->images.push_back({host_.clock().now() - started_, 0, image.width, header, {}, image});
    }

    module_context& host_;
    input<Payload> in_;
    steady_time started_;
};

class capture_test : public ::testing::Test {
protected:
    capture_test() {
        noted = &seen;
        test::scripted_capture::current = &script;
    }

    void add(boost::json::object settings, bool frames = true, bool images = false) {
        plan.add<test::scripted_capture>("camera", std::move(settings));
        if (frames) {
            plan.add<sink<video_frame>>("sink");
            plan.link("camera.frames", "sink.in");
        }
        if (images) {
            plan.add<sink<encoded_image>>("images");
            plan.link("camera.images", "images.in");
        }
    }

    /// Runs the host until it ends by itself, or drains it after `span`. Returns its exit status.
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

    /// What is to happen at a moment of the run.
    void at(duration when, std::function<void()> what) { plans.emplace_back(when, std::move(what)); }

    instance_snapshot camera_now() { return host->snapshot().instances.front(); }
    std::uint64_t metric(const std::string& name) {
        for (const auto& each : camera_now().metrics) {
            if (each.name == name) return each.value;
        }
        return 0;
    }

    arrivals seen;
    test::script script;
    std::vector<std::string> logged;
    log_tap tap{[this](log_level, std::string_view, std::string_view line) { logged.emplace_back(line); }};
    simulation world{1};
    plan_builder plan;
    std::unique_ptr<host_runtime> host;
    std::vector<std::pair<duration, std::function<void()>>> plans;
};

TEST_F(capture_test, a_cameras_pictures_keep_the_moment_at_which_they_were_taken) {
    script.lives["/dev/video0"] = {{camera(), pictures(3, 100ms)}};
    add({{"source", "/dev/video0"}});
    const auto started = world.time().now();
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_THAT(seen.values(), ElementsAre(0, 1, 2));
    EXPECT_EQ(seen.frames[1].header.steady_ns, (started + 200ms).time_since_epoch().count());
    EXPECT_EQ(seen.frames[1].header.wall_ns - seen.frames[0].header.wall_ns, 100'000'000);
    EXPECT_TRUE(seen.ended);
    EXPECT_EQ(script.open_feeds, 0);
}

TEST_F(capture_test, a_missing_camera_is_shown_once_a_second_and_tried_again_from_1_to_30_seconds) {
    add({{"source", 3}});
    at(90s, [this] { EXPECT_THAT(camera_now().condition, AllOf(HasSubstr("/dev/video3"), HasSubstr("no such device"))); });
    EXPECT_EQ(run_for(100s), 0);
    ASSERT_GT(seen.frames.size(), 98u);
    EXPECT_LE(seen.frames.front().at, 2s);
    EXPECT_THAT(seen.frames, ::testing::Each(::testing::Truly(arrivals::is_card)));
    for (std::size_t i = 1; i < seen.frames.size(); ++i) EXPECT_EQ(seen.frames[i].at - seen.frames[i - 1].at, 1s);
    std::vector<std::chrono::nanoseconds> times;
    for (const auto& [when, name] : script.openings) times.push_back(when);
    EXPECT_THAT(times, ElementsAre(0s, 1s, 3s, 7s, 15s, 31s, 61s, 91s));
}

TEST_F(capture_test, a_camera_that_is_pulled_out_comes_back_on_the_same_port) {
    script.lives["/dev/video0"] = {{camera(), pictures(2, 100ms) + std::vector<test::step>{{100ms, unplugged}}},
                                   {camera(), {{0ms, source_failure{"no such device", {}}}}},
                                   {camera(), pictures(2, 100ms)}};
    add({{"source", "/dev/video0"}});
    EXPECT_EQ(run_for(4s), 0);
    EXPECT_THAT(seen.values(), ElementsAre(0, 1, -1, -1, -1, 0, 1));
    EXPECT_EQ(seen.frames[2].at, 300ms);  // at once: it is known to be gone
    for (std::size_t i = 0; i < seen.frames.size(); ++i) EXPECT_EQ(seen.frames[i].header.sequence, i + 1);
    EXPECT_EQ(seen.frames[0].header.epoch, seen.frames[5].header.epoch);
}

TEST_F(capture_test, a_camera_that_hangs_is_no_signal_within_2_seconds_and_goes_on_when_it_wakes) {
    script.lives["/dev/video0"] = {{camera(), pictures(1, 100ms) + std::vector<test::step>{{5s, picture(7)}}}};
    add({{"source", "/dev/video0"}});
    at(4s, [this] { EXPECT_THAT(camera_now().condition, HasSubstr("no picture arrives")); });
    at(5500ms, [this] { EXPECT_THAT(camera_now().condition, IsEmpty()); });
    EXPECT_EQ(run_for(6s), 0);
    EXPECT_THAT(seen.values(), ElementsAre(0, -1, -1, -1, -1, 7));
    EXPECT_LE(seen.frames[1].at - seen.frames[0].at, 2s);
    EXPECT_EQ(seen.frames[2].at - seen.frames[1].at, 1s);
    EXPECT_THAT(script.openings, SizeIs(1));
}

TEST_F(capture_test, a_camera_that_hangs_for_ever_does_not_hold_the_host) {
    script.lives["/dev/video0"] = {{.info = camera(), .steps = pictures(1), .hangs = true}};
    add({{"source", "/dev/video0"}});
    const auto started = world.time().now();
    EXPECT_EQ(run_for(4s), 0);
    EXPECT_LT(world.time().now() - started, 6s);
    EXPECT_TRUE(seen.ended);
}

TEST_F(capture_test, a_source_that_hangs_in_its_end_is_not_opened_a_second_time_meanwhile) {
    script.lives["/dev/video0"] = {
        {.info = camera(), .steps = pictures(1) + std::vector<test::step>{{100ms, unplugged}}, .hangs = true}};
    add({{"source", "/dev/video0"}});
    EXPECT_EQ(run_for(60s), 0);
    EXPECT_THAT(script.openings, SizeIs(1));
}

TEST_F(capture_test, pictures_may_change_their_size) {
    script.lives["/dev/video0"] = {
        {camera(), {{10ms, picture(1, 8, 6)}, {10ms, picture(2, 16, 12)}, {10ms, picture(3, 4, 4)}}}};
    add({{"source", "/dev/video0"}});
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_THAT(seen.values(), ElementsAre(1, 2, 3));
    EXPECT_EQ(seen.frames[1].width, 16);
}

TEST_F(capture_test, a_camera_that_is_faster_than_fps_is_thinned_out) {
    script.lives["/dev/video0"] = {{camera(), pictures(60, 33'333'333ns)}};
    add({{"source", "/dev/video0"}, {"fps", 15}});
    EXPECT_EQ(run_for(2100ms), 0);
    EXPECT_THAT(seen.frames, SizeIs(30));
    EXPECT_EQ(metric("pictures_thinned"), 30u);
    EXPECT_EQ(script.requests[0].fps, 15);
}

TEST_F(capture_test, a_file_plays_at_its_own_rate_and_its_end_ends_the_stream) {
    script.lives["clip.avi"] = {{film(25), pictures(5) + std::vector<test::step>{{0ms, source_end{}}}}};
    add({{"source", "clip.avi"}});
    EXPECT_EQ(run_for(1h), 0);
    EXPECT_THAT(seen.values(), ElementsAre(0, 1, 2, 3, 4));
    EXPECT_THAT(seen.times(), ElementsAre(0ms, 40ms, 80ms, 120ms, 160ms));
    EXPECT_TRUE(seen.ended);
    EXPECT_EQ(camera_now().state, "ended");
}

TEST_F(capture_test, fps_never_makes_a_file_faster) {
    script.lives["clip.avi"] = {{film(10), pictures(3) + std::vector<test::step>{{0ms, source_end{}}}}};
    add({{"source", "clip.avi"}, {"fps", 30}});
    EXPECT_EQ(run_for(1h), 0);
    EXPECT_THAT(seen.times(), ElementsAre(0ms, 100ms, 200ms));
    EXPECT_EQ(metric("pictures_thinned"), 0u);
}

TEST_F(capture_test, a_file_whose_rate_is_higher_than_fps_is_thinned_out_and_lasts_as_long) {
    script.lives["clip.avi"] = {{film(50), pictures(11) + std::vector<test::step>{{0ms, source_end{}}}}};
    add({{"source", "clip.avi"}, {"fps", 25}});
    EXPECT_EQ(run_for(1h), 0);
    EXPECT_THAT(seen.values(), ElementsAre(0, 2, 4, 6, 8, 10));
    EXPECT_THAT(seen.times(), ElementsAre(0ms, 40ms, 80ms, 120ms, 160ms, 200ms));
    EXPECT_EQ(metric("pictures_thinned"), 5u);
}

TEST_F(capture_test, after_a_pause_a_file_catches_nothing_up) {
    auto steps = pictures(8);
    steps[3].after = 1s;  // a slow disk
    script.lives["clip.avi"] = {{film(10), steps + std::vector<test::step>{{0ms, source_end{}}}}};
    add({{"source", "clip.avi"}});
    EXPECT_EQ(run_for(1h), 0);
    ASSERT_THAT(seen.frames, SizeIs(8));
    const auto times = seen.times();
    EXPECT_GE(times[3] - times[2], 1s);
    for (std::size_t i = 5; i < times.size(); ++i) EXPECT_EQ(times[i] - times[i - 1], 100ms) << i;
    EXPECT_THAT(seen.values(), Not(::testing::Contains(-1)));
}

TEST_F(capture_test, a_file_that_cannot_be_opened_fails_the_start) {
    script.lives["clip.avi"] = {{film(10), {{0ms, source_failure{"no such file", {}}}}}};
    add({{"source", "clip.avi"}});
    EXPECT_EQ(run_for(1s), 1);
    EXPECT_EQ(camera_now().failure, "source clip.avi: no such file");
}

TEST_F(capture_test, a_file_without_pictures_fails_the_start) {
    script.lives["clip.avi"] = {{film(10), {{0ms, source_end{}}}}};
    add({{"source", "clip.avi"}});
    EXPECT_EQ(run_for(1s), 1);
    EXPECT_THAT(camera_now().failure, HasSubstr("holds no pictures"));
}

TEST_F(capture_test, a_url_out_of_reach_is_a_state) {
    const std::string url = "rtsp://robot/stream";
    script.lives[url] = {{camera(), {{3s, source_failure{"cannot be reached", {}}}}},
                         {camera(), pictures(2, 100ms) + std::vector<test::step>{{0ms, source_failure{"the stream has stopped", {}}}}},
                         {camera(), pictures(1, 100ms)}};
    add({{"source", url}});
    EXPECT_EQ(run_for(6s), 0);
    EXPECT_THAT(seen.values(), ElementsAre(-1, -1, -1, 0, 1, -1, -1, 0));
    EXPECT_LE(seen.frames[0].at, 2s);
}

TEST_F(capture_test, nobody_learns_the_password_of_a_url) {
    const std::string url = "rtsp://admin:sesame@robot:554/stream?token=sesame";
    const auto lost = pictures(2, 100ms) + std::vector<test::step>{{0ms, source_failure{"the stream has stopped", {}}}};
    script.lives[url] = {{camera(), lost}, {.info = camera(), .steps = {}, .hangs = true}};
    add({{"source", url}}, true, true);
    std::string condition;
    at(4s, [&] { condition = camera_now().condition; });
    EXPECT_EQ(run_for(6s), 0);
    EXPECT_EQ(condition, "no signal from rtsp://robot:554/stream: the stream has stopped");
    EXPECT_EQ(script.requests[0].target.name, url) << "the source itself needs all of it";
    EXPECT_THAT(logged, Contains("rtsp://robot:554/stream hangs in a call and is left alone"));
    EXPECT_THAT(logged, Each(Not(HasSubstr("sesame"))));
    ASSERT_FALSE(seen.frames.empty());
    // It is drawn as letters: the picture is that of a URL which never had a password.
    const auto& card = seen.frames.back();
    ASSERT_TRUE(arrivals::is_card(card));
    const auto expected =
        no_signal_frame(card.frame.width, card.frame.height, "NO SIGNAL\nrtsp://robot:554/stream\nthe stream has stopped");
    EXPECT_TRUE(card.frame.pixels.as_text() == expected.pixels.as_text());
}

TEST_F(capture_test, auto_takes_the_first_camera_that_delivers_a_picture_within_2_seconds) {
    script.cameras = {"/dev/video0", "/dev/video1", "/dev/video2", "/dev/video3"};
    script.lives["/dev/video0"] = {{camera(), {{0ms, source_failure{"permission denied", "join"}}}}};
    script.lives["/dev/video1"] = {{camera(), {{3s, picture(1)}}}};
    script.lives["/dev/video2"] = {{camera(), pictures(10, 500ms)}};
    add({{"source", "auto"}});
    EXPECT_EQ(run_for(5s), 0);
    EXPECT_THAT(script.openings, ElementsAre(std::pair<duration, std::string>{0s, "/dev/video0"},
                                             std::pair<duration, std::string>{0s, "/dev/video1"},
                                             std::pair<duration, std::string>{2s, "/dev/video2"}));
    EXPECT_THAT(seen.values(), ElementsAre(-1, 0, 1, 2, 3, 4, 5));
    EXPECT_EQ(script.requests[2].target.kind, source_kind::device);
}

TEST_F(capture_test, auto_without_a_camera_shows_the_test_pattern_and_says_why) {
    script.cameras = {"/dev/video0"};
    script.lives["/dev/video0"] = {{camera(), {{0ms, source_failure{"permission denied", "join the group `video`"}}}}};
    add({});
    at(500ms, [this] {
        EXPECT_THAT(camera_now().condition,
                    AllOf(HasSubstr("test pattern"), HasSubstr("/dev/video0"), HasSubstr("group `video`")));
    });
    EXPECT_EQ(run_for(1s), 0);
    ASSERT_GE(seen.frames.size(), 29u);
    EXPECT_EQ(seen.frames[0].width, 640);
    for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(read_bar_code(seen.frames[i].frame), static_cast<std::uint16_t>(i));
    EXPECT_THAT(script.openings, SizeIs(1));
}

TEST_F(capture_test, auto_goes_to_another_camera_when_its_own_is_pulled_out) {
    script.cameras = {"/dev/video0", "/dev/video1"};
    script.lives["/dev/video0"] = {{camera(), pictures(1) + std::vector<test::step>{{100ms, unplugged}}}};
    script.lives["/dev/video1"] = {{camera(), {{100ms, picture(9)}}}};
    add({});
    EXPECT_EQ(run_for(2s), 0);
    EXPECT_THAT(seen.values(), ElementsAre(0, -1, -1, 9));
}

TEST_F(capture_test, images_are_the_cameras_own_bytes) {
    auto both = test::jpeg_picture("the camera's bytes");
    both.frame = picture(5).frame;
    script.lives["/dev/video0"] = {{camera(30, true), {{10ms, both}}}};
    add({{"source", "/dev/video0"}}, true, true);
    at(500ms, [this] { EXPECT_THAT(camera_now().condition, IsEmpty()); });
    EXPECT_EQ(run_for(1s), 0);
    ASSERT_THAT(seen.images, SizeIs(1));
    EXPECT_EQ(seen.images[0].image.data.as_text(), "the camera's bytes");
    EXPECT_THAT(seen.values(), ElementsAre(5));
    EXPECT_TRUE(script.requests[0].frames);
    EXPECT_TRUE(script.requests[0].images);
}

TEST_F(capture_test, frames_are_not_asked_for_where_only_images_are_linked) {
    script.lives["/dev/video0"] = {{camera(30, true), {{10ms, test::jpeg_picture("bytes")}, {10ms, unplugged}}}};
    add({{"source", "/dev/video0"}}, false, true);
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_FALSE(script.requests[0].frames);
    ASSERT_THAT(seen.images, SizeIs(2));
    // The picture that there is no picture is a JPEG as well.
    const auto header = scan_jpeg(seen.images[1].image.data.span());
    ASSERT_TRUE(header);
    EXPECT_EQ(header->width, seen.images[1].image.width);
}

TEST_F(capture_test, a_camera_without_jpeg_is_named_when_images_are_linked_and_frames_still_come) {
    script.lives["/dev/video0"] = {{camera(), pictures(3, 10ms)}};
    add({{"source", "/dev/video0"}}, true, true);
    at(500ms, [this] { EXPECT_THAT(camera_now().condition, HasSubstr("gives no JPEG of its own")); });
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_THAT(seen.values(), ElementsAre(0, 1, 2));
    EXPECT_THAT(seen.images, IsEmpty());
}

TEST_F(capture_test, damaged_pictures_are_counted) {
    auto after_damage = picture(1);
    after_damage.damaged = 3;
    script.lives["/dev/video0"] = {{camera(), {{10ms, after_damage}}}};
    add({{"source", "/dev/video0"}});
    EXPECT_EQ(run_for(1s), 0);
    EXPECT_EQ(metric("pictures_damaged"), 3u);
}

TEST_F(capture_test, settings_that_make_no_sense_are_refused_by_name) {
    const auto refused = [](const capture_settings& chosen) {
        try {
            capture::check(chosen);
        } catch (const setting_error& e) {
            return e.setting();
        }
        return std::string("nothing");
    };
    EXPECT_EQ(refused({}), "nothing");
    EXPECT_EQ(refused({.rotate = 270}), "nothing");
    EXPECT_EQ(refused({.rotate = 45}), "rotate");
    EXPECT_EQ(refused({.source = std::int64_t{-1}}), "source");
    EXPECT_EQ(refused({.source = std::string()}), "source");
    EXPECT_EQ(refused({.height = 480}), "height");
}

TEST_F(capture_test, settings_reach_the_source) {
    script.lives["clip.avi"] = {{film(10), pictures(1)}};
    add({{"source", "clip.avi"}, {"width", 320}, {"flip", "both"}, {"rotate", 90}, {"loop", true}});
    EXPECT_EQ(run_for(1s), 0);
    ASSERT_THAT(script.requests, SizeIs(1));
    const auto& request = script.requests[0];
    EXPECT_EQ(request.shape.width, 320);
    EXPECT_EQ(request.shape.flipped, flip::both);
    EXPECT_EQ(request.shape.rotated, rotation::by_90);
    EXPECT_TRUE(request.loop);
}

}  // namespace
}  // namespace streamhost::video
