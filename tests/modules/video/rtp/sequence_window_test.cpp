#include "rtp/sequence_window.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace streamhost::video::rtp {
namespace {

using kind = sequence_window::kind;

TEST(rtp_sequence_window, numbers_go_on_over_the_wrap) {
    sequence_window window;
    const auto first = window.take(65533).number;
    for (int i = 1; i < 100'000; ++i) {
        const auto place = window.take(static_cast<std::uint16_t>(65533 + i));
        ASSERT_EQ(place.is, kind::next);
        ASSERT_EQ(place.number, first + i);
    }
    window.finish();
    EXPECT_EQ(window.lost(), 0u);
}

TEST(rtp_sequence_window, what_comes_late_is_not_lost_and_what_comes_twice_is_known) {
    sequence_window window;
    const auto first = window.take(10).number;
    EXPECT_EQ(window.take(13).is, kind::next);
    const auto late = window.take(11);
    EXPECT_EQ(late.is, kind::late);
    EXPECT_EQ(late.number, first + 1);
    EXPECT_EQ(window.take(11).is, kind::repeated);
    EXPECT_EQ(window.take(13).is, kind::repeated);
    EXPECT_EQ(window.take(12).is, kind::late);
    window.finish();
    EXPECT_EQ(window.lost(), 0u);
}

TEST(rtp_sequence_window, what_is_before_the_first_packet_is_taken_and_not_missed) {
    sequence_window window;
    const auto first = window.take(10).number;
    EXPECT_EQ(window.take(7).number, first - 3);
    EXPECT_EQ(window.take(9).is, kind::late);
    EXPECT_EQ(window.take(7).is, kind::repeated);
    window.finish();
    EXPECT_EQ(window.lost(), 1u) << "8";
}

TEST(rtp_sequence_window, a_number_is_lost_once_it_is_too_far_behind) {
    sequence_window window;
    window.take(0);
    for (int i = 2; i <= 256; ++i) window.take(static_cast<std::uint16_t>(i));
    EXPECT_EQ(window.lost(), 0u) << "1 may still come";
    window.take(257);
    EXPECT_EQ(window.lost(), 1u);
    EXPECT_EQ(window.take(1).is, kind::stray);
}

TEST(rtp_sequence_window, a_leap_is_followed_with_its_second_packet) {
    sequence_window window;
    const auto before = window.take(100).number;
    EXPECT_EQ(window.take(20'000).is, kind::stray);
    EXPECT_EQ(window.take(101).is, kind::next) << "it was one only";
    EXPECT_EQ(window.take(20'000).is, kind::stray);
    const auto after = window.take(20'001);
    EXPECT_EQ(after.is, kind::restarted);
    EXPECT_GT(after.number, before + 1);
    window.finish();
    EXPECT_EQ(window.lost(), 0u);
}

TEST(rtp_sequence_window, counts_exactly_what_a_network_has_lost) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        std::mt19937 random(seed);
        std::vector<std::uint16_t> sent;
        std::uint64_t lost = 0;
        for (int i = 0; i < 20'000; ++i) {
            const bool ends = i == 0 || i == 19'999;  // nobody can miss what is behind the last one
            if (!ends && random() % 20 == 0) ++lost;
            else sent.push_back(static_cast<std::uint16_t>(40'000 + i));
        }
        for (std::size_t i = 2; i + 20 < sent.size(); i += 1 + random() % 30) std::swap(sent[i], sent[i + 1 + random() % 15]);
        sequence_window window;
        for (const auto each : sent) ASSERT_NE(window.take(each).is, kind::repeated);
        window.finish();
        EXPECT_EQ(window.lost(), lost) << seed;
    }
}

}  // namespace
}  // namespace streamhost::video::rtp
