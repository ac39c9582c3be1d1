#include "core/topology/fake_modules.hpp"

#include "topology/plan_change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streamhost {
namespace {

using testing::HasSubstr;

plan plan_of(std::string text) {
    static const fake::catalogue types;
    auto result = check(topology_text{.file = "t.json", .text = std::move(text), .sets = {}}, types.view());
    EXPECT_TRUE(result.plan.has_value());
    return std::move(*result.plan);
}

std::string change_of(std::string now, std::string next) { return to_text(compare(plan_of(std::move(now)), plan_of(std::move(next)))); }

constexpr const char* camera_and_view = R"({ "modules": {
    "camera": { "type": "video.capture", "fps": 15 }, "view": { "type": "video.display" } }, "links": ["camera -> view"] })";

TEST(plan_change, of_the_same_text_in_another_order_is_none) {
    EXPECT_EQ(change_of(camera_and_view, R"({ "links": ["camera.frames -> view"], "modules": {
        "view": { "type": "video.display" }, "camera": { "fps": 15.0, "type": "video.capture" } } })"),
              "nothing changes\n");
}

TEST(plan_change, names_the_setting_that_replaces_an_instance) {
    EXPECT_EQ(change_of(camera_and_view, R"({ "modules": {
        "camera": { "type": "video.capture", "fps": 30 }, "view": { "type": "video.display" } }, "links": ["camera -> view"] })"),
              "camera: replaced, with a gap (fps: 15 -> 30; only one may hold device=\"auto\")\n"
              "camera.frames -> view.frames: replaced\n"
              "kept as they are: 1 instances\n");
}

TEST(plan_change, names_what_comes_and_goes) {
    EXPECT_EQ(change_of(camera_and_view, R"({ "modules": { "view": { "type": "video.display" },
        "other": { "type": "video.capture", "source": 1 } }, "links": ["other -> view"] })"),
              "other: added\n"
              "camera: removed\n"
              "other.frames -> view.frames: added\n"
              "camera.frames -> view.frames: removed\n"
              "kept as they are: 1 instances\n");
}

TEST(plan_change, of_a_queue_is_a_change_of_its_link_only) {
    EXPECT_EQ(change_of(camera_and_view, R"({ "modules": {
        "camera": { "type": "video.capture", "fps": 15 }, "view": { "type": "video.display" } },
        "links": [{ "path": "camera -> view", "queue": "drop_oldest" }] })"),
              "camera.frames -> view.frames: replaced\n"
              "kept as they are: 2 instances\n");
}

TEST(plan_change, a_device_that_moves_to_another_instance_leaves_a_gap) {
    EXPECT_THAT(change_of(R"({ "modules": { "a": { "type": "video.capture", "source": "/dev/video0" },
                                            "view": { "type": "video.display" } }, "links": ["a -> view"] })",
                          R"({ "modules": { "b": { "type": "video.capture", "source": "/dev/video0" },
                                            "view": { "type": "video.display" } }, "links": ["b -> view"] })"),
                HasSubstr("b: added (only one may hold"));
}

}  // namespace
}  // namespace streamhost
