#include "pacing.hpp"

#include <gtest/gtest.h>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;

/// The pause where pictures come with that period.
duration pause_at(duration period, std::size_t datagrams, int percent = 25) {
    pacing paced(percent);
    paced.note(steady_time(1h));
    paced.note(steady_time(1h) + period);
    return paced.pause(datagrams);
}

TEST(pacing, spreads_a_picture_over_a_part_of_the_time_between_two) {
    EXPECT_EQ(pause_at(32ms, 32), 4ms) << "two bursts in 8 ms";
    EXPECT_EQ(pause_at(32ms, 33), duration(8ms) / 3);
    EXPECT_EQ(pause_at(32ms, 32, 50), 8ms);
    EXPECT_EQ(pause_at(32ms, 32, 0), 0ms);
}

TEST(pacing, pictures_that_are_seldom_are_not_late) {
    EXPECT_EQ(pause_at(1h, 32), 5ms);
    EXPECT_EQ(pacing(25).pause(32), 5ms) << "nor is the first one";
}

TEST(pacing, large_pictures_take_longer_where_there_is_time) {
    EXPECT_EQ(pause_at(1s, 1600), 1ms);
    EXPECT_EQ(pause_at(40ms, 1600), 100us) << "but never longer than their part of it";
}

}  // namespace
}  // namespace streamhost::video
