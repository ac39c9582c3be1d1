#include "topology/suggestion.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace streamhost {
namespace {

TEST(edit_distance, counts_single_edits) {
    EXPECT_EQ(edit_distance("", ""), 0u);
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("camera", "camera"), 0u);
    EXPECT_EQ(edit_distance("camera", "camra"), 1u);
    EXPECT_EQ(edit_distance("camera", "cammera"), 1u);
    EXPECT_EQ(edit_distance("camera", "kamera"), 1u);
    EXPECT_EQ(edit_distance("camera", "acmera"), 1u);  // neighbours swapped
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
    EXPECT_EQ(edit_distance("sitting", "kitten"), 3u);
}

TEST(did_you_mean, names_the_nearest_word_that_could_be_a_slip) {
    const std::vector<std::string> words{"fps", "width", "height", "weight"};
    EXPECT_EQ(did_you_mean("widht", words), "; did you mean `width`?");
    EXPECT_EQ(did_you_mean("fsp", words), "; did you mean `fps`?");
    EXPECT_EQ(did_you_mean("weigth", words), "; did you mean `weight`?");
    EXPECT_EQ(did_you_mean("colour", words), "");
    EXPECT_EQ(did_you_mean("fop", words), "");  // two slips in three letters are no slip
    EXPECT_EQ(did_you_mean("", words), "");
    EXPECT_EQ(did_you_mean(std::string(100, 'w'), words), "");
}

}  // namespace
}  // namespace streamhost
