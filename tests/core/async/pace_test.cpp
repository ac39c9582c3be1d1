#include <streamhost/pace.hpp>

#include <gtest/gtest.h>

namespace streamhost {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};

TEST(pace, a_burst_passes_at_once_and_what_follows_at_the_rate) {
    pace units(100, 5);
    for (int i = 0; i < 5; ++i) ASSERT_EQ(units.take(start), 0ns) << i;
    EXPECT_EQ(units.take(start), 10ms);
    EXPECT_EQ(units.take(start, 3), 40ms);
}

TEST(pace, silence_earns_one_burst_and_no_more) {
    pace units(100, 5);
    for (int i = 0; i < 50; ++i) units.take(start);
    for (int i = 0; i < 5; ++i) ASSERT_EQ(units.take(start + 24h), 0ns) << i;
    EXPECT_EQ(units.take(start + 24h), 10ms);
}

TEST(pace, a_high_rate_is_exact_enough) {
    pace bytes(64 * 1024 * 1024, 0);
    EXPECT_EQ(bytes.take(start, 64 * 1024 * 1024), 1s);
}

}  // namespace
}  // namespace streamhost
