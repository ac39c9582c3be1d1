#include "rate_meter.hpp"

#include <gtest/gtest.h>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;

TEST(rate_meter_test, the_rate_is_that_of_the_last_two_seconds) {
    rate_meter meter;
    auto now = steady_time(1h);
    EXPECT_EQ(meter.rate(now), 0);
    for (int i = 0; i < 100; ++i) meter.add(now += 100ms);
    EXPECT_NEAR(meter.rate(now), 10, 0.01);
    for (int i = 0; i < 100; ++i) meter.add(now += 25ms);
    EXPECT_NEAR(meter.rate(now), 40, 0.01);
}

TEST(rate_meter_test, one_picture_is_no_rate_and_silence_ends_it) {
    rate_meter meter;
    const auto start = steady_time(1h);
    meter.add(start);
    EXPECT_EQ(meter.rate(start), 0);
    meter.add(start + 100ms);
    EXPECT_NEAR(meter.rate(start + 200ms), 10, 0.01);
    EXPECT_EQ(meter.rate(start + 5s), 0);
}

TEST(rate_meter_test, several_at_one_moment_are_no_rate) {
    rate_meter meter;
    for (int i = 0; i < 5000; ++i) meter.add(steady_time(1h));
    EXPECT_EQ(meter.rate(steady_time(1h)), 0);
}

}  // namespace
}  // namespace streamhost::video
