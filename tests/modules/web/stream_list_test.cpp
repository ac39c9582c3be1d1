#include "stream_list.hpp"

#include <gmock/gmock.h>

namespace streamhost::web {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> names(const stream_list& list) {
    std::vector<std::string> all;
    for (const auto& each : list.all()) all.push_back(each.name);
    return all;
}

TEST(stream_list, a_stream_is_called_like_the_instance_and_like_its_port_where_that_feeds_two) {
    stream_list list(stream_kind::image, 4, 1);
    EXPECT_THAT(list.update({{"camera", "images"}, {"eyes", "left"}, {"eyes", "right"}}), IsEmpty());
    EXPECT_THAT(names(list), ElementsAre("camera", "eyes.left", "eyes.right"));
    const auto* const left = list.find(link_source{"eyes", "left"});
    ASSERT_NE(left, nullptr);
    EXPECT_EQ(left->name, "eyes.left");
    EXPECT_EQ(list.find("camera")->id, 1);
    EXPECT_EQ(list.find(link_source{"eyes", "none"}), nullptr);
}

TEST(stream_list, a_stream_that_comes_back_has_its_number_and_its_place) {
    stream_list list(stream_kind::audio, 4, 10);
    list.update({{"a", "x"}, {"b", "x"}});
    const auto id = list.find("b")->id;
    const auto place = list.find("b")->place;
    list.update({{"a", "x"}});
    EXPECT_EQ(list.find("b"), nullptr);
    EXPECT_THAT(list.update({{"c", "x"}, {"b", "x"}}), IsEmpty());
    EXPECT_EQ(list.find("b")->id, id);
    EXPECT_EQ(list.find("b")->place, place);
    EXPECT_NE(list.find("c")->place, place);
}

TEST(stream_list, where_all_places_are_taken_one_that_has_gone_gives_its_place_and_no_number_comes_twice) {
    stream_list list(stream_kind::record, 2, 1);
    list.update({{"a", "x"}, {"b", "x"}});
    const auto gone = list.find("a")->place;
    EXPECT_THAT(list.update({{"b", "x"}, {"c", "x"}}), ElementsAre(gone));
    EXPECT_EQ(list.find("c")->place, gone);
    EXPECT_EQ(list.find("c")->id, 3);
    list.update({{"b", "x"}, {"c", "x"}, {"d", "x"}});
    EXPECT_THAT(names(list), ElementsAre("b", "c")) << "there is no place for a third one";
}

}  // namespace
}  // namespace streamhost::web
