#include "modules/stream/stream_fixture.hpp"
#include "tcp_client.hpp"
#include "tcp_server.hpp"

namespace streamhost::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

using plain_peers_test = stream_fixture;

plan_builder viewer_of(const std::string& stream) {
    plan_builder plan("viewer");
    plan.add<video::tcp_client>("client", {{"connect", stream_address}, {"stream", stream}});
    plan.add<sink<video_frame>>("pictures");
    plan.link("client.frames", "pictures.in");
    return plan;
}

TEST_F(plain_peers_test, a_video_client_views_one_stream_of_a_server_of_many) {
    auto robot = host_of("robot");
    serve(robot, {{"camera", "video_frame"}, {"readings", "record"}});
    feed<video_frame>(robot, "server.camera", {{"size", 6000}});
    feed<record>(robot, "server.readings");
    run(robot, [&](host_runtime&) { run(viewer_of("camera"), [&](host_runtime&) { world.run_for(5s); }); });
    EXPECT_GE(numbers("pictures").size(), 45u);
}

TEST_F(plain_peers_test, a_video_client_that_names_none_gets_the_only_one_or_the_list) {
    auto robot = host_of("robot");
    serve(robot, {{"camera", "video_frame"}});
    feed<video_frame>(robot, "server.camera", {{"size", 6000}});
    run(robot, [&](host_runtime&) { run(viewer_of(""), [&](host_runtime&) { world.run_for(2s); }); });
    EXPECT_GE(numbers("pictures").size(), 15u);

    auto two = host_of("robot");
    serve(two, {{"camera", "video_frame"}, {"readings", "record"}});
    feed<video_frame>(two, "server.camera", {{"size", 6000}});
    feed<record>(two, "server.readings");
    run(two, [&](host_runtime&) {
        run(viewer_of(""), [&](host_runtime& host) {
            world.run_for(2s);
            EXPECT_THAT(condition(host, "client"), HasSubstr("ask for one of \"camera\", \"readings\""));
        });
        run(viewer_of("rear"), [&](host_runtime& host) {
            world.run_for(2s);
            EXPECT_THAT(condition(host, "client"), HasSubstr("there is no stream \"rear\" here, only \"camera\", \"readings\""));
        });
    });
}

TEST_F(plain_peers_test, a_late_video_client_gets_the_last_picture) {
    auto robot = host_of("robot");
    serve(robot, {{"camera", "video_frame"}, {"readings", "record"}});
    feed<video_frame>(robot, "server.camera", {{"size", 6000}, {"period", 60'000}});
    feed<record>(robot, "server.readings");
    run(robot, [&](host_runtime&) {
        world.run_for(10s);
        run(viewer_of("camera"), [&](host_runtime&) { world.run_for(1s); });
    });
    EXPECT_THAT(numbers("pictures"), ::testing::ElementsAre(1));
}

class video_server_test : public stream_fixture {
protected:
    /// Runs a client of the streams named beside a `video.tcp_server` whose stream has that name.
    std::string view(const std::string& served, boost::json::object receive, const std::string& taken) {
        plan_builder drone("drone");
        drone.add<video::tcp_server>("server", {{"listen", stream_address}, {"stream", served}});
        feed<video_frame>(drone, "server.frames", {{"size", 6000}}, usual_queue(queue_policy::latest));
        auto operator_ = host_of("operator");
        dial(operator_, std::move(receive));
        if (!taken.empty()) note<video_frame>(operator_, "client." + taken, "pictures");
        std::string state;
        run(drone, [&](host_runtime&) {
            run(operator_, [&](host_runtime& host) {
                world.run_for(5s);
                state = condition(host, "client");
            });
        });
        return state;
    }
};

TEST_F(video_server_test, its_stream_is_taken_by_its_name) {
    EXPECT_EQ(view("front", {{"front", "video_frame"}, {"rear", "video_frame"}}, "front"), "");
    EXPECT_GE(numbers("pictures").size(), 45u);
}

TEST_F(video_server_test, its_stream_without_a_name_is_the_only_one_that_is_wanted) {
    EXPECT_EQ(view("", {{"camera", "video_frame"}}, "camera"), "");
    EXPECT_GE(numbers("pictures").size(), 45u);
}

TEST_F(video_server_test, a_stream_that_is_not_wanted_is_named) {
    EXPECT_THAT(view("front", {{"rear", "video_frame"}}, "rear"), HasSubstr("it serves only \"front\", which `receive` does not name"));
    EXPECT_THAT(numbers("pictures"), IsEmpty());
}

TEST_F(video_server_test, another_type_is_refused) {
    EXPECT_THAT(view("front", {{"front", "record"}}, ""), HasSubstr("the stream \"front\" is video_frame there and record here"));
}

}  // namespace
}  // namespace streamhost::test
