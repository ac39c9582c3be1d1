#include "encode.hpp"

#include "jpeg_decoder.hpp"
#include "jpeg_encoder.hpp"
#include "picture_ends.hpp"
#include "sample_pictures.hpp"

#include <streamhost/testing.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using streamhost::test::plan_builder;
using streamhost::testing::harness;
using test::gradient;
using test::idle_pool;
using test::metric;
using test::noise;
using test::noted_pictures;
using ::testing::ElementsAre;
using ::testing::SizeIs;

using source = test::scripted_source<video_frame>;
using raw_sink = test::noting_sink<video_frame>;
using image_sink = test::noting_sink<encoded_image>;

constexpr auto unhurried = usual_queue(queue_policy::wait);
constexpr auto live = usual_queue(queue_policy::latest);

/// Two sides of a picture that say which one it is.
std::vector<video_frame> pictures_of_widths(int first, int count) {
    std::vector<video_frame> pictures;
    for (int i = 0; i < count; ++i) pictures.push_back(gradient(first + i, 16));
    return pictures;
}

class encode_test : public ::testing::Test {
protected:
    encode_test() {
        source::script = &script;
        raw_sink::notes = &raw;
        image_sink::notes = &images;
    }

    /// source -> jpeg -> sink, and source -> raw to compare with.
    plan_builder chain(boost::json::object settings = {}, const queue_options& queue = unhurried,
                       std::int64_t period_ms = 100) const {
        plan_builder plan;
        plan.add<source>("source", {{"period", period_ms}});
        plan.add<encode>("jpeg", std::move(settings));
        plan.add<image_sink>("sink", {{"period", 0}});
        plan.add<raw_sink>("raw", {{"period", 0}});
        plan.link("source.pictures", "jpeg.frames", queue);
        plan.link("jpeg.images", "sink.pictures", unhurried);
        plan.link("source.pictures", "raw.pictures", unhurried);
        return plan;
    }

    void run(const plan_builder& plan) {
        host_runtime host(plan.plan(), world.add_host());
        EXPECT_EQ(host.run({}), 0);
        after = host.snapshot();
    }

    std::vector<int> widths() const {
        std::vector<int> list;
        for (const auto& each : images.messages) list.push_back(each->width);
        return list;
    }

    std::vector<video_frame> script;
    noted_pictures<video_frame> raw;
    noted_pictures<encoded_image> images;
    host_snapshot after;
    simulation world{1};
};

TEST_F(encode_test, every_picture_of_an_unhurried_link_is_encoded_in_order_and_the_end_follows) {
    script = pictures_of_widths(16, 20);
    run(chain());
    ASSERT_THAT(images.messages, SizeIs(20));
    jpeg_encoder expected;
    for (std::size_t i = 0; i < 20; ++i) {
        const auto wanted = expected.encode(script[i], {.quality = 80}).value();
        EXPECT_EQ(images.messages[i]->width, script[i].width);
        EXPECT_EQ(images.messages[i]->height, 16);
        EXPECT_EQ(images.messages[i]->codec, image_codec::jpeg);
        EXPECT_TRUE(std::ranges::equal(images.messages[i]->data.span(), wanted.data.span())) << "picture " << i;
    }
    EXPECT_TRUE(images.ended);
    EXPECT_EQ(metric(after, "jpeg", "pictures_encoded"), 20u);
    EXPECT_EQ(metric(after, "jpeg", "pictures_failed"), 0u);
}

TEST_F(encode_test, an_image_keeps_the_stamps_of_its_frame_and_counts_for_itself) {
    script = pictures_of_widths(16, 3);
    run(chain());
    ASSERT_THAT(images.messages, SizeIs(3));
    ASSERT_THAT(raw.messages, SizeIs(3));
    for (std::size_t i = 0; i < 3; ++i) {
        const auto& made = images.messages[i].header();
        const auto& from = raw.messages[i].header();
        EXPECT_EQ(made.steady_ns, from.steady_ns);
        EXPECT_EQ(made.wall_ns, from.wall_ns);
        EXPECT_EQ(made.sequence, i + 1);
        EXPECT_EQ(made.epoch, 1u);
        EXPECT_EQ(made.origin.boot, from.origin.boot);
        EXPECT_NE(made.origin.instance, from.origin.instance);
    }
    EXPECT_LT(images.messages[0].header().steady_ns, images.messages[1].header().steady_ns);
}

TEST_F(encode_test, stamps_are_those_of_the_capture_however_long_the_encoding_took) {
    script = pictures_of_widths(16, 1);
    idle_pool pool(world.add_host());
    host_runtime host(chain().plan(), pool);
    EXPECT_EQ(host.run([&] {
        world.run_for(3s);
        ASSERT_THAT(pool.jobs, SizeIs(1));
        pool.run_one();
    }), 0);
    ASSERT_THAT(images.messages, SizeIs(1));
    EXPECT_EQ(images.messages[0].header().steady_ns, raw.messages[0].header().steady_ns);
    EXPECT_GE(images.times[0] - raw.times[0], 2900ms) << "or the test shows nothing";
}

TEST_F(encode_test, one_picture_is_at_work_and_the_newest_waits) {
    script = pictures_of_widths(16, 10);
    idle_pool pool(world.add_host());
    host_runtime host(chain({}, live).plan(), pool);
    EXPECT_EQ(host.run([&] {
        world.run_for(2s);
        EXPECT_THAT(pool.jobs, SizeIs(1)) << "one in flight";
        EXPECT_THAT(images.messages, SizeIs(0));
        pool.run_one();
        world.run_for(1ms);
        EXPECT_THAT(widths(), ElementsAre(16)) << "what was begun is finished";
        EXPECT_THAT(pool.jobs, SizeIs(1));
        pool.run_one();
        world.run_for(1ms);
    }), 0);
    EXPECT_THAT(widths(), ElementsAre(16, 25)) << "the newest has replaced those between";
    EXPECT_THAT(pool.jobs, SizeIs(0));
    EXPECT_TRUE(images.ended);
}

/// What comes out of the module where it has time for each of them.
std::vector<message<encoded_image>> encoded(harness& jpeg, const std::vector<video_frame>& frames) {
    for (const auto& each : frames) {
        jpeg.feed("frames", each);
        jpeg.run_for(100ms);
    }
    return jpeg.take<encoded_image>("images");
}

TEST(encode_alone_test, quality_is_the_one_that_was_chosen) {
    const std::vector<video_frame> frames = {gradient(320, 240), noise(320, 240)};
    harness jpeg(testing::type<encode>(), R"({ "quality": 20 })");
    const auto images = encoded(jpeg, frames);
    jpeg_encoder expected;
    ASSERT_THAT(images, SizeIs(2));
    for (std::size_t i = 0; i < 2; ++i) {
        const auto wanted = expected.encode(frames[i], {.quality = 20}).value();
        EXPECT_TRUE(std::ranges::equal(images[i]->data.span(), wanted.data.span()));
    }
}

TEST(encode_alone_test, another_quality_holds_from_the_next_picture_on) {
    const auto frame = noise(320, 240);
    harness jpeg(testing::type<encode>(), R"({ "quality": 20 })");
    const auto before = encoded(jpeg, {frame});
    jpeg.reconfigure(R"({ "quality": 90 })");
    const auto after = encoded(jpeg, {frame});
    const auto wanted = jpeg_encoder().encode(frame, {.quality = 90}).value();
    ASSERT_THAT(after, SizeIs(1));
    EXPECT_TRUE(std::ranges::equal(after[0]->data.span(), wanted.data.span()));
    EXPECT_LT(before.at(0)->data.size(), after[0]->data.size());
}

TEST(encode_alone_test, max_bytes_holds_and_the_image_says_its_own_size) {
    harness jpeg(testing::type<encode>(), R"({ "max_bytes": 2500 })");
    const auto images = encoded(jpeg, {noise(320, 240), gradient(320, 240), noise(320, 240, 2)});
    ASSERT_THAT(images, SizeIs(3));
    jpeg_decoder decoder;
    for (const auto& each : images) {
        EXPECT_LE(each->data.size(), 2500u);
        const auto frame = decoder.decode(each->data.span()).value();
        EXPECT_EQ(frame.width, each->width);
        EXPECT_EQ(frame.height, each->height);
    }
    EXPECT_EQ(images[1]->width, 320) << "the easy one need not shrink";
    EXPECT_LT(images[0]->width, 320);
}

TEST(encode_alone_test, what_cannot_be_encoded_is_dropped_and_counted_and_the_next_one_comes) {
    harness jpeg(testing::type<encode>());
    const auto images = encoded(jpeg, {gradient(16, 16), gradient(4097, 16), gradient(17, 16)});
    ASSERT_THAT(images, SizeIs(2));
    EXPECT_EQ(images[0]->width, 16);
    EXPECT_EQ(images[1]->width, 17);
    EXPECT_EQ(images[1].header().sequence, 2u) << "numbers have no gap where nothing was sent";
    EXPECT_EQ(jpeg.metric("pictures_encoded"), 2u);
    EXPECT_EQ(jpeg.metric("pictures_failed"), 1u);
    jpeg.end("frames");
    jpeg.run_for(1s);
    EXPECT_EQ(jpeg.snapshot().state, "ended");
}

TEST_F(encode_test, a_drain_finishes_what_is_at_work) {
    script = pictures_of_widths(16, 1000);
    idle_pool pool(world.add_host());
    host_runtime host(chain({}, live).plan(), pool);
    EXPECT_EQ(host.run([&] {
        world.run_for(1050ms);
        host.stop_host("test");
        pool.post_main([&] {  // when the host has begun to drain
            pool.idle = false;
            pool.run_one();
        });
    }), 0);
    EXPECT_THAT(widths(), ElementsAre(16, 26)) << "the picture at work, and the one that waited";
    EXPECT_TRUE(images.ended);
}

}  // namespace
}  // namespace streamhost::video
