#include "support/simulated_host.hpp"
#include "tcp_client.hpp"
#include "tcp_server.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <cstring>
#include <functional>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using test::plan_builder;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// A picture whose pixels say which one it is.
video_frame numbered_frame(std::uint32_t number) {
    std::vector<std::byte> pixels(8 * 6 * 3, static_cast<std::byte>(number));
    std::memcpy(pixels.data(), &number, sizeof number);
    return {8, 6, pixel_format::bgr8, shared_bytes::adopt(std::move(pixels))};
}

std::uint32_t number_of(const video_frame& frame) {
    std::uint32_t number = 0;
    std::memcpy(&number, frame.pixels.data(), sizeof number);
    return number;
}

struct source_settings {
    std::chrono::milliseconds period{100};
    std::int64_t count = 0;
};

class frame_source final : public module {
public:
    static module_info describe() {
        return streamhost::describe<frame_source, source_settings>("test.frames", "numbered pictures")
            .setting("period", &source_settings::period, "time between pictures")
            .setting("count", &source_settings::count, "how many, 0 for ever")
            .output<video_frame>("frames", "the pictures");
    }
    frame_source(module_context& host, source_settings chosen)
        : host_(host), chosen_(chosen), frames_(host.output<video_frame>("frames")) {}

    awaitable<void> run() override {
        auto beat = host_.every(chosen_.period);
        for (std::uint32_t i = 1; chosen_.count == 0 || i <= chosen_.count; ++i) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;
            auto frame = numbered_frame(i);
            co_await frames_.send(std::move(frame));
        }
    }

private:
    module_context& host_;
    source_settings chosen_;
    output<video_frame> frames_;
};

class image_source final : public module {
public:
    static module_info describe() {
        return streamhost::describe<image_source>("test.images", "one image after the other")
            .output<encoded_image>("images", "no real JPEG");
    }
    explicit image_source(module_context& host) : host_(host), images_(host.output<encoded_image>("images")) {}

    awaitable<void> run() override {
        auto beat = host_.every(100ms);
        for (;;) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;
            encoded_image image{8, 6, image_codec::jpeg, shared_bytes::adopt(std::string("\xFF\xD8 picture"))};
            co_await images_.send(std::move(image));
        }
    }

private:
    module_context& host_;
    output<encoded_image> images_;
};

struct seen_frames {
    std::vector<std::uint32_t> numbers;
    std::vector<message_header> headers;
    std::vector<steady_time> times;
    std::size_t images = 0;
    bool ended = false;
};
seen_frames* seen = nullptr;

class frame_sink final : public module {
public:
    static module_info describe() {
        return streamhost::describe<frame_sink>("test.sink", "notes pictures")
            .input<video_frame>("frames", "raw").optional()
            .input<encoded_image>("images", "encoded").optional();
    }
    explicit frame_sink(module_context& host)
        : host_(host), frames_(host.input<video_frame>("frames")), images_(host.input<encoded_image>("images")) {}

    awaitable<void> run() override {
        while (images_.linked()) {
            const auto image = co_await images_.next();
            if (!image) co_return;
            ++seen->images;
        }
        for (;;) {
            const auto frame = co_await frames_.next();
            if (!frame) break;
            seen->numbers.push_back(number_of(*frame));
            seen->headers.push_back(frame.header());
            seen->times.push_back(host_.clock().now());
        }
        seen->ended = true;
    }

private:
    module_context& host_;
    input<video_frame> frames_;
    input<encoded_image> images_;
};

/// Runs several hosts of one simulated world in turns, on the test's own thread.
class tcp_test : public ::testing::TestWithParam<const char*> {
protected:
    tcp_test() { seen = &frames; }

    plan_builder serving(boost::json::object source = {}) {
        plan_builder plan("server");
        plan.add<frame_source>("source", std::move(source));
        plan.add<tcp_server>("server", {{"listen", "127.0.0.1:9999"}, {"wire", GetParam()}});
        plan.link("source.frames", "server.frames", usual_queue(queue_policy::latest));
        return plan;
    }

    plan_builder viewing() {
        plan_builder plan("viewer");
        plan.add<tcp_client>("client", {{"connect", "127.0.0.1:9999"}, {"wire", GetParam()}});
        plan.add<frame_sink>("sink");
        plan.link("client.frames", "sink.frames", usual_queue(queue_policy::latest));
        return plan;
    }

    /// Runs `script` on the main thread of the first host, which drives the world while the others run inside it.
    void run(const plan_builder& first, const plan_builder& second, duration span) {
        host_runtime a(first.plan(), world.add_host());
        auto& second_world = world.add_host();
        a.run([&] {
            host_runtime b(second.plan(), second_world);
            b.run([&] {
                world.run_for(span);
                b.stop_host("test");
            });
            after_second = b.snapshot();
            a.stop_host("test");
        });
        after_first = a.snapshot();
    }

    static std::uint64_t metric(const host_snapshot& of, std::string_view instance, std::string_view name) {
        for (const auto& each : of.instances) {
            if (each.name != instance) continue;
            for (const auto& one : each.metrics) {
                if (one.name == name) return one.value;
            }
        }
        ADD_FAILURE() << "no metric " << name << " of " << instance;
        return 0;
    }

    seen_frames frames;
    simulation world{1};
    host_snapshot after_first, after_second;
};

INSTANTIATE_TEST_SUITE_P(wires, tcp_test, ::testing::Values("pickle", "framed"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(tcp_test, pictures_arrive_whole_and_in_order) {
    run(serving(), viewing(), 10s);
    ASSERT_GE(frames.numbers.size(), 95u);
    for (std::size_t i = 1; i < frames.numbers.size(); ++i) EXPECT_EQ(frames.numbers[i], frames.numbers[i - 1] + 1);
    EXPECT_TRUE(frames.ended);
    EXPECT_EQ(world.net().open_streams(), 0u);
}

TEST_P(tcp_test, framed_keeps_the_header_of_the_source) {
    run(serving(), viewing(), 2s);
    ASSERT_FALSE(frames.headers.empty());
    const auto& header = frames.headers.back();
    if (GetParam() == std::string("framed")) {
        EXPECT_EQ(header.sequence, frames.numbers.back());
        EXPECT_EQ(header.epoch, 1u);
    }
    EXPECT_NE(header.steady_ns, 0);
}

TEST_P(tcp_test, a_late_viewer_gets_the_last_picture_at_once) {
    plan_builder slow = serving({{"period", 60'000}});
    host_runtime server(slow.plan(), world.add_host());
    auto& other = world.add_host();
    server.run([&] {
        world.run_for(61s);  // one picture was sent, the next is a minute away
        const auto came = world.time().now();
        host_runtime viewer(viewing().plan(), other);
        viewer.run([&] {
            world.run_for(1s);
            viewer.stop_host("test");
        });
        ASSERT_THAT(frames.numbers, ElementsAre(1));
        EXPECT_LT(frames.times[0] - came, 10ms);
        server.stop_host("test");
    });
}

TEST_P(tcp_test, a_viewer_that_starts_first_waits_for_its_server_and_comes_back_to_it) {
    auto& viewer_world = world.add_host();
    auto& server_world = world.add_host();
    auto& server_world_2 = world.add_host();
    host_runtime viewer(viewing().plan(), viewer_world);
    viewer.run([&] {
        world.run_for(5s);
        EXPECT_TRUE(frames.numbers.empty());
        EXPECT_THAT(viewer.snapshot().instances[0].condition, HasSubstr("no video from 127.0.0.1:9999"));
        for (auto* again : {&server_world, &server_world_2}) {
            host_runtime server(serving().plan(), *again);
            const auto before = frames.numbers.size();
            server.run([&] {
                world.run_for(30s);
                server.stop_host("test");
            });
            EXPECT_GT(frames.numbers.size(), before + 150) << "it came back within the longest delay";
            world.run_for(5s);
        }
        viewer.stop_host("test");
    });
    EXPECT_EQ(metric(viewer.snapshot(), "client", "sessions_opened"), 2u);
}

TEST_P(tcp_test, the_end_of_the_source_is_the_end_of_the_viewers_stream) {
    plan_builder finite = serving({{"count", 3}});
    host_runtime server(finite.plan(), world.add_host());
    auto& other = world.add_host();
    int status = -1;
    status = server.run([&] {
        host_runtime viewer(viewing().plan(), other);
        viewer.run([&] {
            world.run_for(301ms);  // just behind the last picture
            // Only `framed` can tell an end from a break.
            const auto* const said = GetParam() == std::string("framed") ? "the stream has ended" : "no video";
            EXPECT_THAT(viewer.snapshot().instances[0].condition, HasSubstr(said));
            world.run_for(2s);
            EXPECT_EQ(server.snapshot().instances[1].state, "ended") << "it has nothing more to serve";
            viewer.stop_host("test");
        });
    });
    EXPECT_EQ(status, 0) << "a host whose instances have all returned ends well";
    EXPECT_THAT(frames.numbers, ElementsAre(1, 2, 3));
}

TEST_P(tcp_test, more_viewers_than_max_are_turned_away) {
    auto plan = serving();
    host_runtime server(
        [&] {
            auto changed = plan.plan();
            changed.instances[1].viewers.max = 0;
            return changed;
        }(),
        world.add_host());
    auto& other = world.add_host();
    server.run([&] {
        host_runtime viewer(viewing().plan(), other);
        viewer.run([&] {
            world.run_for(5s);
            viewer.stop_host("test");
        });
        EXPECT_GT(metric(server.snapshot(), "server", "viewers_turned_away"), 0u);
        server.stop_host("test");
    });
    EXPECT_TRUE(frames.numbers.empty());
}

TEST_P(tcp_test, both_inputs_or_none_are_refused) {
    plan_builder plan;
    plan.add<tcp_server>("server", {{"listen", "127.0.0.1:9999"}, {"wire", GetParam()}});
    host_runtime host(plan.plan(), world.add_host());
    EXPECT_EQ(host.run({}), 1);
    EXPECT_THAT(host.snapshot().instances[0].failure, HasSubstr("link exactly one"));
}

TEST_F(tcp_test, a_peer_that_sends_the_other_kind_is_closed_and_the_missing_link_named) {
    plan_builder server_plan("server");
    server_plan.add<image_source>("source");
    server_plan.add<tcp_server>("server", {{"listen", "127.0.0.1:9999"}});
    server_plan.link("source.images", "server.images", usual_queue(queue_policy::latest));
    plan_builder viewer_plan("viewer");
    viewer_plan.add<tcp_client>("client", {{"connect", "127.0.0.1:9999"}});
    viewer_plan.add<frame_sink>("sink");
    viewer_plan.link("client.frames", "sink.frames", usual_queue(queue_policy::latest));
    run(server_plan, viewer_plan, 2s);
    EXPECT_THAT(after_second.instances[0].condition, HasSubstr("")) << "cleared at the end";
    EXPECT_TRUE(frames.numbers.empty());
    EXPECT_EQ(metric(after_second, "client", "messages_received"), 0u);
}

TEST_F(tcp_test, images_pass_as_they_are) {
    plan_builder server_plan("server");
    server_plan.add<image_source>("source");
    server_plan.add<tcp_server>("server", {{"listen", "127.0.0.1:9999"}});
    server_plan.link("source.images", "server.images", usual_queue(queue_policy::latest));
    plan_builder viewer_plan("viewer");
    viewer_plan.add<tcp_client>("client", {{"connect", "127.0.0.1:9999"}});
    viewer_plan.add<frame_sink>("sink");
    viewer_plan.link("client.images", "sink.images", usual_queue(queue_policy::latest));
    run(server_plan, viewer_plan, 2s);
    EXPECT_GE(frames.images, 18u);
}

}  // namespace
}  // namespace streamhost::video
