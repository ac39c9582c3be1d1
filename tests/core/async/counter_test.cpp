#include <streamhost/counter.hpp>

#include <gtest/gtest.h>

namespace streamhost {
namespace {

TEST(latency_histogram_test, knows_nothing_while_it_is_empty) {
    latency_histogram times;
    EXPECT_EQ(times.total(), 0u);
    EXPECT_EQ(times.percentile(0.5), 0);
    EXPECT_EQ(times.percentile(1.0), 0);
}

/// A percentile of one value is never below it and at most a quarter above it.
TEST(latency_histogram_test, a_percentile_is_at_most_a_quarter_too_high) {
    for (std::int64_t ns = 1000; ns < 1'000'000'000'000; ns += ns / 7 + 1) {
        latency_histogram times;
        times.add(ns);
        EXPECT_GE(times.percentile(0.5), ns);
        EXPECT_LE(times.percentile(0.5), ns + ns / 4);
    }
}

TEST(latency_histogram_test, counts_what_lies_outside_in_its_first_and_last_bucket) {
    latency_histogram times;
    times.add(-5);
    times.add(0);
    times.add(999);
    EXPECT_EQ(times.percentile(1.0), 1250);
    times.add(std::int64_t{1} << 62);
    EXPECT_EQ(times.total(), 4u);
    EXPECT_GT(times.percentile(1.0), 17LL * 60 * 1'000'000'000);
}

TEST(latency_histogram_test, percentiles_rank_the_values) {
    latency_histogram times;
    for (int i = 0; i < 99; ++i) times.add(10'000);
    times.add(50'000'000);
    EXPECT_LE(times.percentile(0.5), 12'500);
    EXPECT_LE(times.percentile(0.99), 12'500);
    EXPECT_GE(times.percentile(0.995), 50'000'000);
}

}  // namespace
}  // namespace streamhost
