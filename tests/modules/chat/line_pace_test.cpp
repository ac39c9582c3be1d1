#include "line_pace.hpp"

#include <gtest/gtest.h>

namespace streamhost::chat {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};

TEST(line_pace, a_burst_passes_at_once_and_what_follows_at_the_rate) {
    line_pace pace;
    for (int i = 0; i < line_pace::burst; ++i) ASSERT_EQ(pace.take(start, 0), 0ns) << i;
    for (int i = 1; i <= line_pace::per_second; ++i) ASSERT_EQ(pace.take(start, 0), i * 2ms);
}

TEST(line_pace, who_keeps_the_rate_never_waits) {
    line_pace pace;
    for (int i = 0; i < 10 * line_pace::burst; ++i) ASSERT_EQ(pace.take(start + i * 2ms, 0), 0ns) << i;
}

TEST(line_pace, silence_earns_one_burst_and_no_more) {
    line_pace pace;
    for (int i = 0; i < line_pace::burst + 10; ++i) pace.take(start, 0);
    for (int i = 0; i < line_pace::burst; ++i) ASSERT_EQ(pace.take(start + 24h, 0), 0ns) << i;
    EXPECT_GT(pace.take(start + 24h, 0), 0ns);
}

TEST(line_pace, a_long_line_counts_as_several) {
    line_pace pace;
    EXPECT_EQ(pace.take(start, 64 * 1024), 0ns);
    EXPECT_EQ(pace.take(start, 256 * 1024), (257 + 1025 - line_pace::burst) * 2ms) << "what nobody can read in time";
}

}  // namespace
}  // namespace streamhost::chat
