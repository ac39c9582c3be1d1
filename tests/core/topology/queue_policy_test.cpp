#include <streamhost/message_type.hpp>
#include <streamhost/queue_policy.hpp>

#include <gtest/gtest.h>

namespace streamhost {
namespace {

using namespace std::chrono_literals;

TEST(queue_choice, keeps_the_base_where_it_says_nothing) {
    const auto base = type_of<audio_block>().defaults.link;
    EXPECT_EQ(queue_choice{}.over(base), base);
}

TEST(queue_choice, changes_single_limits) {
    const queue_choice choice{.items = 2, .age_ms = 50ms};
    const auto options = choice.over(type_of<video_frame>().defaults.link);
    EXPECT_EQ(options.policy, queue_policy::latest);
    EXPECT_EQ(options.items, 2u);
    EXPECT_EQ(options.age, 50ms);
}

TEST(queue_choice, starts_another_policy_from_its_own_defaults) {
    const queue_choice choice{.policy = queue_policy::drop_oldest};
    const auto options = choice.over(type_of<video_frame>().defaults.link);
    EXPECT_EQ(options.items, 64u);
    const auto no_age = queue_choice{.policy = queue_policy::wait}.over(type_of<audio_block>().defaults.link);
    EXPECT_EQ(no_age.age, 0ms);
    EXPECT_EQ(no_age.wait, 1000ms);
}

TEST(queue_options, read_well) {
    EXPECT_EQ(to_string(usual_queue(queue_policy::latest)), "latest, 1 item");
    EXPECT_EQ(to_string(queue_options{queue_policy::drop_oldest, 8, 1000, 1500ms}),
              "drop_oldest, 8 items, 1000 bytes, 1500ms");
}

TEST(message_type, defaults_follow_the_kind_of_payload) {
    EXPECT_EQ(type_of<video_frame>().defaults.link.policy, queue_policy::latest);
    EXPECT_EQ(type_of<encoded_image>().defaults.link.policy, queue_policy::latest);
    EXPECT_EQ(type_of<audio_block>().defaults.link.policy, queue_policy::drop_oldest);
    EXPECT_GT(type_of<audio_block>().defaults.link.age, 0ms);
    EXPECT_EQ(type_of<text>().defaults.link.policy, queue_policy::wait);
    EXPECT_EQ(type_of<record>().defaults.link.policy, queue_policy::wait);
    EXPECT_EQ(type_of<bytes>().defaults.link.policy, queue_policy::wait);
    EXPECT_EQ(type_of<text>().defaults.viewer.policy, queue_policy::drop_oldest);
}

TEST(message_type, compares_by_what_a_link_needs) {
    auto same = type_of<text>();
    same.crosses_wires = false;
    EXPECT_EQ(same, type_of<text>());
    auto other = type_of<text>();
    other.version = 2;
    EXPECT_NE(other, type_of<text>());
    other = type_of<text>();
    other.size += 8;
    EXPECT_NE(other, type_of<text>());
    EXPECT_NE(type_of<text>(), type_of<record>());
}

}  // namespace
}  // namespace streamhost
