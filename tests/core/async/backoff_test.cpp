#include <streamhost/backoff.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace streamhost {
namespace {

using namespace std::chrono_literals;

TEST(backoff_test, draws_below_a_ceiling_that_doubles_up_to_its_limit) {
    random_engine random(7);
    for (int run = 0; run < 200; ++run) {
        backoff delays(250ms, 2s);
        for (duration ceiling : {250ms, 500ms, 1000ms, 2000ms, 2000ms, 2000ms}) {
            const auto delay = delays.next(random);
            EXPECT_GE(delay, 0ms);
            EXPECT_LE(delay, ceiling);
        }
        delays.reset();
        EXPECT_LE(delays.next(random), 250ms);
    }
}

TEST(backoff_test, uses_the_whole_range) {
    random_engine random(7);
    duration least = 1h, most{0};
    for (int run = 0; run < 1000; ++run) {
        const auto delay = backoff(1s, 1s).next(random);
        least = std::min(least, delay);
        most = std::max(most, delay);
    }
    EXPECT_LT(least, 100ms);
    EXPECT_GT(most, 900ms);
}

}  // namespace
}  // namespace streamhost
