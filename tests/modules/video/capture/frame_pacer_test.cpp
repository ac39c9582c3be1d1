#include "frame_pacer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;

/// How many of ten seconds of pictures are taken.
int admitted(double source_rate, double wanted, duration tremble = {}) {
    frame_pacer pacer(wanted);
    std::mt19937 random(1);
    std::uniform_int_distribution<std::int64_t> off(-tremble.count(), tremble.count());
    int count = 0;
    for (int i = 0; i < source_rate * 10; ++i) {
        const auto at = std::chrono::duration_cast<duration>(std::chrono::duration<double>(i / source_rate));
        count += pacer.admit(steady_time(1h) + at + duration(off(random)));
    }
    return count;
}

TEST(frame_pacer_test, the_mean_rate_is_the_wanted_one) {
    EXPECT_EQ(admitted(30, 15), 150);
    EXPECT_EQ(admitted(30, 10), 100);
    EXPECT_NEAR(admitted(30, 20), 200, 2);
    EXPECT_NEAR(admitted(60, 25), 250, 3);
    EXPECT_NEAR(admitted(29.97, 15), 150, 2);
}

TEST(frame_pacer_test, a_source_of_that_rate_or_a_slower_one_loses_nothing) {
    EXPECT_EQ(admitted(30, 30), 300);
    EXPECT_EQ(admitted(30, 30, 4ms), 300);
    EXPECT_EQ(admitted(10, 30, 10ms), 100);
    EXPECT_EQ(admitted(30, 0), 300);
}

TEST(frame_pacer_test, a_pause_is_followed_by_no_burst) {
    frame_pacer pacer(10);
    const auto start = steady_time(1h);
    EXPECT_TRUE(pacer.admit(start));
    EXPECT_TRUE(pacer.admit(start + 5s));
    EXPECT_FALSE(pacer.admit(start + 5s + 33ms));
    EXPECT_FALSE(pacer.admit(start + 5s + 66ms));
    EXPECT_TRUE(pacer.admit(start + 5s + 100ms));
}

}  // namespace
}  // namespace streamhost::video
