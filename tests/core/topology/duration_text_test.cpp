#include "topology/duration_text.hpp"

#include <gtest/gtest.h>

namespace streamhost {
namespace {

using namespace std::chrono_literals;

TEST(parse_duration, reads_a_number_with_its_unit) {
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("2s"), 2s);
    EXPECT_EQ(parse_duration("1.5s"), 1500ms);
    EXPECT_EQ(parse_duration("1 min"), 1min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    EXPECT_EQ(parse_duration("250us"), 250us);
    EXPECT_EQ(parse_duration("7ns"), 7ns);
    EXPECT_EQ(parse_duration("0s"), 0s);
    EXPECT_EQ(parse_duration("-2s"), -2s);
}

TEST(parse_duration, refuses_everything_else) {
    for (const auto* text : {"", "s", "5", "5m", "5 seconds", "1h30min", "5  s", " 5s", "5s ", "1e3s", "nans", "infs",
                             "0x1s", "9999999h"}) {
        EXPECT_FALSE(parse_duration(text).has_value()) << text;
    }
}

TEST(duration_from_ms, keeps_to_what_nanoseconds_can_hold) {
    EXPECT_EQ(duration_from_ms(0.25), 250us);
    EXPECT_FALSE(duration_from_ms(1e300).has_value());
    EXPECT_FALSE(duration_from_ms(-1e300).has_value());
}

TEST(to_text_of_a_duration, takes_the_largest_whole_unit) {
    EXPECT_EQ(to_text(0ms), "0ms");
    EXPECT_EQ(to_text(90s), "90s");
    EXPECT_EQ(to_text(2h), "2h");
    EXPECT_EQ(to_text(1500ms), "1500ms");
    EXPECT_EQ(to_text(1001us), "1001us");
}

}  // namespace
}  // namespace streamhost
