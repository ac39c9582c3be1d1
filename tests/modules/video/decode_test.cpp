#include "decode.hpp"

#include "jpeg_decoder.hpp"
#include "picture_ends.hpp"
#include "sample_pictures.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using streamhost::test::plan_builder;
using test::byte_vector;
using test::claiming_size;
using test::gradient;
using test::idle_pool;
using test::jpeg_of;
using test::metric;
using test::noted_pictures;
using test::same_pixels;
using test::with_scans;
using ::testing::ElementsAre;
using ::testing::SizeIs;

using source = test::scripted_source<encoded_image>;
using image_sink = test::noting_sink<encoded_image>;
using frame_sink = test::noting_sink<video_frame>;

encoded_image image_of(byte_vector jpeg, int width = 32, int height = 24) {
    return {width, height, image_codec::jpeg, shared_bytes::adopt(std::move(jpeg))};
}

encoded_image image_of_width(int width) { return image_of(jpeg_of(gradient(width, 24)), width); }

class decode_test : public ::testing::Test {
protected:
    decode_test() {
        source::script = &script;
        image_sink::notes = &images;
        frame_sink::notes = &frames;
    }

    /// source -> raw -> sink, and source -> images to compare with.
    plan_builder chain(queue_policy policy = queue_policy::wait) const {
        plan_builder plan;
        plan.add<source>("source");
        plan.add<decode>("raw");
        plan.add<frame_sink>("sink", {{"period", 0}});
        plan.add<image_sink>("images", {{"period", 0}});
        plan.link("source.pictures", "raw.images", usual_queue(policy));
        plan.link("raw.frames", "sink.pictures", usual_queue(queue_policy::wait));
        plan.link("source.pictures", "images.pictures", usual_queue(queue_policy::wait));
        return plan;
    }

    void run(const plan_builder& plan) {
        host_runtime host(plan.plan(), world.add_host());
        EXPECT_EQ(host.run({}), 0);
        after = host.snapshot();
    }

    std::vector<int> widths() const {
        std::vector<int> list;
        for (const auto& each : frames.messages) list.push_back(each->width);
        return list;
    }

    std::vector<encoded_image> script;
    noted_pictures<encoded_image> images;
    noted_pictures<video_frame> frames;
    host_snapshot after;
    simulation world{1};
};

TEST_F(decode_test, every_picture_of_an_unhurried_link_is_decoded_in_order_and_the_end_follows) {
    for (int width = 32; width < 52; ++width) script.push_back(image_of_width(width));
    run(chain());
    ASSERT_THAT(frames.messages, SizeIs(20));
    jpeg_decoder expected;
    for (std::size_t i = 0; i < 20; ++i) {
        EXPECT_TRUE(same_pixels(*frames.messages[i], expected.decode(script[i].data.span()).value())) << "picture " << i;
        EXPECT_EQ(frames.messages[i]->width, static_cast<int>(32 + i));
    }
    EXPECT_TRUE(frames.ended);
    EXPECT_EQ(metric(after, "raw", "pictures_decoded"), 20u);
    EXPECT_EQ(metric(after, "raw", "pictures_refused"), 0u);
}

TEST_F(decode_test, a_frame_keeps_the_stamps_of_its_image_and_counts_for_itself) {
    script = {image_of_width(32), image_of(jpeg_of(gradient(5000, 24))), image_of_width(33)};
    idle_pool pool(world.add_host());
    host_runtime host(chain().plan(), pool);
    EXPECT_EQ(host.run([&] {
        for (int i = 0; i < 3; ++i) {
            world.run_for(3s);  // the worker takes so long over each
            ASSERT_THAT(pool.jobs, SizeIs(1));
            pool.run_one();
        }
    }), 0);
    ASSERT_THAT(widths(), ElementsAre(32, 33));
    ASSERT_THAT(images.messages, SizeIs(3));
    EXPECT_GE(frames.times[1] - images.times[2], 8s) << "or the test shows nothing";
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& made = frames.messages[i].header();
        const auto& from = images.messages[2 * i].header();
        EXPECT_EQ(made.steady_ns, from.steady_ns);
        EXPECT_EQ(made.wall_ns, from.wall_ns);
        EXPECT_EQ(made.sequence, i + 1);
        EXPECT_NE(made.origin.instance, from.origin.instance);
    }
}

TEST_F(decode_test, what_the_header_scan_refuses_is_never_decoded) {
    script = {image_of_width(32),
              image_of(claiming_size(jpeg_of(gradient(32, 24)), 4097, 24)),
              image_of(claiming_size(jpeg_of(gradient(32, 24)), 4000, 4000)),
              image_of(with_scans(101)),
              image_of_width(33)};
    run(chain());
    EXPECT_THAT(widths(), ElementsAre(32, 33));
    EXPECT_EQ(metric(after, "raw", "pictures_refused"), 3u);
}

TEST_F(decode_test, damaged_pictures_are_dropped_and_counted_and_the_next_one_comes) {
    auto cut = jpeg_of(gradient(32, 24));
    cut.resize(cut.size() / 2);
    script = {image_of({}), image_of(byte_vector(100, std::byte{0x55})), image_of(cut), image_of_width(33)};
    run(chain());
    EXPECT_THAT(widths(), ElementsAre(33));
    EXPECT_EQ(metric(after, "raw", "pictures_refused"), 3u);
    EXPECT_EQ(metric(after, "raw", "pictures_decoded"), 1u);
    EXPECT_EQ(after.instances[1].state, "ended");
}

TEST_F(decode_test, one_picture_is_at_work_and_the_newest_waits) {
    for (int width = 32; width < 42; ++width) script.push_back(image_of_width(width));
    idle_pool pool(world.add_host());
    host_runtime host(chain(queue_policy::latest).plan(), pool);
    EXPECT_EQ(host.run([&] {
        world.run_for(2s);
        ASSERT_THAT(pool.jobs, SizeIs(1)) << "one in flight";
        pool.run_one();
        world.run_for(1ms);
        ASSERT_THAT(pool.jobs, SizeIs(1));
        pool.run_one();
        world.run_for(1ms);
    }), 0);
    EXPECT_THAT(widths(), ElementsAre(32, 41)) << "the newest has replaced those between";
}

}  // namespace
}  // namespace streamhost::video
