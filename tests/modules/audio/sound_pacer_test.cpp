#include "sound_pacer.hpp"

#include <gtest/gtest.h>

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};

TEST(sound_pacer_test, the_first_block_leaves_at_once_and_a_second_of_frames_takes_a_second) {
    sound_pacer pacer(44100);
    EXPECT_EQ(pacer.until_due(start), 0s);
    pacer.sent(44100);
    EXPECT_EQ(pacer.until_due(start), 1s);
    EXPECT_EQ(pacer.until_due(start + 400ms), 600ms);
}

TEST(sound_pacer_test, no_rounding_adds_up_in_a_year) {
    sound_pacer pacer(44100);
    pacer.until_due(start);
    constexpr std::int64_t year_s = 365 * 24 * 3600;
    pacer.sent(year_s * 44100);
    EXPECT_EQ(pacer.until_due(start + std::chrono::seconds(year_s) - 5ms), 5ms);
}

TEST(sound_pacer_test, what_is_a_little_late_is_made_up_for) {
    sound_pacer pacer(1000);
    pacer.until_due(start);
    pacer.sent(100);
    EXPECT_EQ(pacer.until_due(start + 600ms), -500ms);
    pacer.sent(1000);
    EXPECT_EQ(pacer.until_due(start + 600ms), 500ms) << "the schedule is the old one";
    EXPECT_EQ(pacer.restarts(), 0u);
}

TEST(sound_pacer_test, after_a_long_pause_the_schedule_begins_anew) {
    sound_pacer pacer(1000);
    pacer.until_due(start);
    pacer.sent(100);
    EXPECT_EQ(pacer.until_due(start + 10s), 0s);
    pacer.sent(100);
    EXPECT_EQ(pacer.until_due(start + 10s), 100ms);
    EXPECT_EQ(pacer.restarts(), 1u);
}

}  // namespace
}  // namespace streamhost::audio
