#include "pattern_source.hpp"

#include "bar_code.hpp"
#include "decode.hpp"
#include "encode.hpp"
#include "picture_ends.hpp"
#include "sample_pictures.hpp"

#include <streamhost/testing.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <optional>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using streamhost::test::plan_builder;
using streamhost::testing::harness;
using test::metric;
using test::noted_pictures;
using test::same_pixels;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using frame_sink = test::noting_sink<video_frame>;

/// The process's time zone, while it lives.
class time_zone {
public:
    explicit time_zone(const char* name) {
        if (const char* const old = std::getenv("TZ")) before_ = old;
        ::setenv("TZ", name, 1);
        ::tzset();
    }
    ~time_zone() {
        if (before_) {
            ::setenv("TZ", before_->c_str(), 1);
        } else {
            ::unsetenv("TZ");
        }
        ::tzset();
    }
    time_zone(const time_zone&) = delete;
    time_zone& operator=(const time_zone&) = delete;

private:
    std::optional<std::string> before_;
};

class pattern_source_test : public ::testing::Test {
protected:
    pattern_source_test() { frame_sink::notes = &frames; }

    plan_builder watched(boost::json::object settings, std::int64_t taking_ms = 0,
                         queue_options queue = usual_queue(queue_policy::wait)) const {
        plan_builder plan;
        plan.add<pattern_source>("pattern", std::move(settings));
        plan.add<frame_sink>("sink", {{"period", taking_ms}});
        plan.link("pattern.frames", "sink.pictures", queue);
        return plan;
    }

    /// Until the pictures end.
    void run(const plan_builder& plan) {
        host_runtime host(plan.plan(), world.add_host());
        EXPECT_EQ(host.run({}), 0);
        after = host.snapshot();
    }

    std::vector<std::uint16_t> numbers() const {
        std::vector<std::uint16_t> list;
        for (const auto& each : frames.messages) list.push_back(read_bar_code(*each).value_or(0xFFFF));
        return list;
    }

    noted_pictures<video_frame> frames;
    host_snapshot after;
    simulation world{1};
};

TEST_F(pattern_source_test, so_many_pictures_and_then_the_end) {
    harness pattern(testing::type<pattern_source>(), R"({ "count": 3 })");
    pattern.run_for(10s);
    const auto pictures = pattern.take<video_frame>("frames");
    ASSERT_THAT(pictures, SizeIs(3));
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(read_bar_code(*pictures[i]), i);
        EXPECT_EQ(pictures[i]->width, 640);
        EXPECT_EQ(pictures[i]->height, 480);
        EXPECT_EQ(pictures[i].header().sequence, i + 1);
        EXPECT_EQ(pictures[i].header().steady_ns, pictures[i].arrived_ns());
    }
    EXPECT_EQ(pattern.snapshot().state, "ended");
}

TEST_F(pattern_source_test, the_first_picture_is_there_at_once_and_the_others_keep_the_beat) {
    harness pattern(testing::type<pattern_source>(), R"({ "count": 301, "width": 64, "height": 64 })");
    const auto started_ns = pattern.clock().steady_ns();
    pattern.run_for(20s);
    const auto pictures = pattern.take<video_frame>("frames");
    ASSERT_THAT(pictures, SizeIs(301));
    constexpr std::int64_t beat_ns = 1'000'000'000 / 30;
    for (std::size_t i = 0; i <= 300; ++i) {
        EXPECT_EQ(pictures[i].arrived_ns(), started_ns + static_cast<std::int64_t>(i) * beat_ns) << i;
    }
}

TEST_F(pattern_source_test, a_rate_may_be_below_one) {
    harness pattern(testing::type<pattern_source>(), R"({ "fps": 0.5 })");
    pattern.run_for(4500ms);
    EXPECT_THAT(pattern.take<video_frame>("frames"), SizeIs(3)) << "after 0, 2 and 4 seconds";
}

TEST_F(pattern_source_test, missed_beats_are_skipped_not_made_up_for) {
    // Ten a second into a queue of one that is emptied every 350 ms.
    queue_options queue = usual_queue(queue_policy::wait);
    queue.items = 1;
    run(watched({{"count", 20}, {"fps", 10}}, 350, queue));
    ASSERT_THAT(frames.messages, SizeIs(20));
    EXPECT_EQ(numbers().back(), 19) << "numbers count pictures, not beats";
    EXPECT_GT(metric(after, "pattern", "beats_missed"), 30u);
    std::size_t bursts = 0;
    for (std::size_t i = 1; i < 20; ++i) {
        const auto gap_ns = frames.messages[i].header().steady_ns - frames.messages[i - 1].header().steady_ns;
        if (duration(gap_ns) < 100ms) ++bursts;
    }
    EXPECT_LE(bursts, 1u) << "after each delay the beat goes on as before";
}

TEST_F(pattern_source_test, it_shows_the_local_time_of_day) {
    const time_zone east("EAST-3");  // three hours ahead of UTC
    harness pattern(testing::type<pattern_source>(), R"({ "count": 1, "width": 320, "height": 240 })");
    pattern.run_for(1s);
    const auto pictures = pattern.take<video_frame>("frames");
    ASSERT_THAT(pictures, SizeIs(1));
    constexpr std::int64_t day_ms = 24 * 3600 * 1000;
    const auto utc_ms = pictures[0].header().wall_ns / 1'000'000;
    const auto local = std::chrono::milliseconds((utc_ms + 3 * 3600 * 1000) % day_ms);
    EXPECT_TRUE(same_pixels(*pictures[0], test_pattern(320, 240).draw(0, local)));
    EXPECT_FALSE(same_pixels(*pictures[0], test_pattern(320, 240).draw(0, local + 1h)));
}

TEST_F(pattern_source_test, a_drain_ends_it_at_once_not_only_at_the_next_beat) {
    harness pattern(testing::type<pattern_source>(), R"({ "fps": 0.1 })");
    pattern.run_for(15s);
    EXPECT_TRUE(pattern.drain(0s));
    EXPECT_THAT(pattern.take<video_frame>("frames"), SizeIs(2));
}

TEST_F(pattern_source_test, its_numbers_can_be_read_back_behind_encode_and_decode) {
    plan_builder plan;
    plan.add<pattern_source>("pattern", {{"count", 70}, {"width", 320}, {"height", 240}});
    plan.add<encode>("jpeg", {{"quality", 30}});
    plan.add<decode>("raw");
    plan.add<frame_sink>("sink", {{"period", 0}});
    for (const auto& [from, to] : {std::pair("pattern.frames", "jpeg.frames"), {"jpeg.images", "raw.images"},
                                   {"raw.frames", "sink.pictures"}}) {
        plan.link(from, to, usual_queue(queue_policy::latest));
    }
    run(plan);
    ASSERT_THAT(frames.messages, SizeIs(70));
    for (std::size_t i = 0; i < 70; ++i) {
        EXPECT_EQ(numbers()[i], i);
        EXPECT_EQ(frames.messages[i].header().steady_ns, frames.times[i].time_since_epoch().count())
            << "the stamp is the one of the drawing, which took no time here";
    }
}

TEST_F(pattern_source_test, pictures_that_the_family_would_not_take_are_refused_beforehand) {
    EXPECT_NO_THROW(pattern_source::check({.width = 4096, .height = 2160}));
    EXPECT_NO_THROW(pattern_source::check({.width = 64, .height = 4096}));
    try {
        pattern_source::check({.width = 4096, .height = 4096});
        FAIL() << "16.8 megapixels are too many";
    } catch (const setting_error& e) {
        EXPECT_EQ(e.setting(), "height");
        EXPECT_THAT(e.what(), HasSubstr("4096x4096"));
    }
}

TEST_F(pattern_source_test, it_is_a_live_source) { EXPECT_TRUE(pattern_source::describe().capture); }

}  // namespace
}  // namespace streamhost::video
