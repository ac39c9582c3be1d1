#include "metrics_text.hpp"

#include "graph_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>

namespace streamhost::web {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

host_snapshot busy_host() {
    host_snapshot now;
    now.name = "robot";
    instance_snapshot camera{.name = "camera", .type = "video.capture", .state = "running", .restarts = 2, .busy_ns = 1'500'000'000};
    camera.outputs.push_back({"frames", 30, 1});
    camera.metrics.push_back({"frames_late", "frames that came late", 7});
    camera.metrics.push_back({"reading_ns", "time", 1'500'000'000});
    instance_snapshot jpeg{.name = "jpeg", .type = "video.encode", .state = "failed"};
    jpeg.metrics.push_back({"frames_late", "another text", 8});
    now.instances = {camera, jpeg};
    link_snapshot link{.name = "camera.frames -> jpeg.frames", .from = {"camera", "frames"}, .to = {"jpeg", "frames"}, .delivered = 29};
    link.dropped = {{"replaced", 1}, {"aged", 0}};
    link.wait_p99_ns = 2'000'000;
    now.links = {link};
    now.addresses = {{"jpeg", "127.0.0.1:0", "127.0.0.1:5000"}};
    return now;
}

TEST(metrics_text, has_a_family_for_each_count_with_help_and_type_once) {
    const auto text = metrics_text(busy_host());
    EXPECT_THAT(text, HasSubstr("# HELP streamhost_instance_running 1 while the instance runs\n"
                                "# TYPE streamhost_instance_running gauge\n"
                                "streamhost_instance_running{instance=\"camera\",type=\"video.capture\"} 1\n"
                                "streamhost_instance_running{instance=\"jpeg\",type=\"video.encode\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("streamhost_instance_busy_seconds_total{instance=\"camera\",type=\"video.capture\"} 1.5\n"));
    EXPECT_THAT(text, HasSubstr("streamhost_link_dropped_total{from=\"camera.frames\",to=\"jpeg.frames\",reason=\"replaced\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("streamhost_link_wait_p99_seconds{from=\"camera.frames\",to=\"jpeg.frames\"} 0.002\n"));
    EXPECT_THAT(text, HasSubstr("# TYPE streamhost_module_frames_late untyped\n"));
    EXPECT_THAT(text, HasSubstr("streamhost_module_frames_late{instance=\"jpeg\",type=\"video.encode\"} 8\n"));
    EXPECT_THAT(text, HasSubstr("streamhost_module_reading_seconds{instance=\"camera\",type=\"video.capture\"} 1.5\n"));
    EXPECT_THAT(text, Not(HasSubstr("another text"))) << "one help for a family";
}

TEST(graph_json, has_the_ends_of_links_and_the_addresses_of_instances) {
    const auto graph = graph_json(busy_host(), 1234.5);
    EXPECT_EQ(graph.at("host").as_string(), "robot");
    EXPECT_EQ(graph.at("time").as_double(), 1234.5);
    const auto& jpeg = graph.at("instances").as_array().at(1).as_object();
    EXPECT_EQ(jpeg.at("address").as_array().at(0).as_string(), "127.0.0.1:5000");
    const auto& link = graph.at("links").as_array().at(0).as_object();
    EXPECT_EQ(link.at("from").as_object().at("instance").as_string(), "camera");
    EXPECT_EQ(link.at("dropped").as_object().at("replaced").to_number<int>(), 1);
}

}  // namespace
}  // namespace streamhost::web
