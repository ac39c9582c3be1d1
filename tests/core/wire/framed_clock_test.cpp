#include <streamhost/wire/framed_clock.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace streamhost {
namespace {

constexpr std::int64_t ms = 1'000'000;
constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
constexpr auto highest = std::numeric_limits<std::int64_t>::max();

struct exchange {
    framed::pong answer;
    std::int64_t received_ns;
};

/// Sent at `start` by one's own clock; the peer's clock is `ahead` of it.
exchange simulate(std::int64_t start, std::int64_t ahead, std::int64_t there, std::int64_t held, std::int64_t back) {
    const auto arrived = start + there;
    return {{start, arrived + ahead, arrived + held + ahead}, arrived + held + back};
}

TEST(framed_clock, an_even_path_gives_the_exact_offset) {
    const auto [answer, received] = simulate(1000 * ms, 7 * ms, 2 * ms, 5 * ms, 2 * ms);
    const auto measured = framed::measure_offset(answer, received).value();
    EXPECT_EQ(measured.offset_ns, 7 * ms);
    EXPECT_EQ(measured.uncertainty_ns, 2 * ms + 1);
}

TEST(framed_clock, the_true_offset_is_within_the_uncertainty) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 10'000; ++i) {
        const auto up_to = [&](std::int64_t most) { return static_cast<std::int64_t>(random() % most); };
        const auto ahead = up_to(1'000'000 * ms) - 500'000 * ms;
        const auto start = up_to(1'000'000 * ms);
        const auto [answer, received] = simulate(start, ahead, up_to(50 * ms), up_to(ms), up_to(50 * ms));
        const auto measured = framed::measure_offset(answer, received).value();
        EXPECT_LE(std::abs(measured.offset_ns - ahead), measured.uncertainty_ns);
    }
}

TEST(framed_clock, contradicting_stamps_say_nothing) {
    EXPECT_FALSE(framed::measure_offset({100, 50, 40}, 200));     // sent before it was received
    EXPECT_FALSE(framed::measure_offset({100, 50, 60}, 90));      // back before it left
    EXPECT_FALSE(framed::measure_offset({100, 0, 200}, 110));     // held longer than it was away
    EXPECT_FALSE(framed::measure_offset({lowest, highest, highest}, highest));
    EXPECT_FALSE(framed::measure_offset({0, lowest, highest}, 10));
    EXPECT_FALSE(framed::measure_offset({100, lowest, lowest}, 200));
}

TEST(framed_clock, is_unknown_until_the_first_pong) {
    framed::clock_estimate estimate;
    EXPECT_FALSE(estimate.at(0));
    estimate.add({100, 50, 40}, 200);
    EXPECT_FALSE(estimate.at(0));
    estimate.add({100, 50, 50}, 200);
    EXPECT_TRUE(estimate.at(200));
}

TEST(framed_clock, the_smallest_round_trip_of_the_last_eight_wins) {
    framed::clock_estimate estimate;
    const auto add = [&](std::int64_t second, std::int64_t there, std::int64_t back) {
        const auto [answer, received] = simulate(second * 1000 * ms, 7 * ms, there * ms, 0, back * ms);
        estimate.add(answer, received);
        return estimate.at(received).value().offset_ns;
    };
    EXPECT_EQ(add(0, 30, 10), 17 * ms);
    EXPECT_EQ(add(5, 1, 1), 7 * ms);
    EXPECT_EQ(add(10, 5, 55), 7 * ms);
    for (int i = 3; i < 9; ++i) EXPECT_EQ(add(i * 5, 5, 25), 7 * ms) << i;
    EXPECT_EQ(add(45, 5, 25), -3 * ms);  // the good one is the ninth and gone
}

TEST(framed_clock, the_uncertainty_grows_with_age) {
    framed::clock_estimate estimate;
    const auto [answer, received] = simulate(0, 0, ms, 0, ms);
    estimate.add(answer, received);
    const auto fresh = estimate.at(received).value().uncertainty_ns;
    EXPECT_EQ(fresh, ms + 1);
    const auto later = estimate.at(received + 100'000 * ms).value().uncertainty_ns;  // 15 parts per million of 100 s
    EXPECT_NEAR(static_cast<double>(later - fresh), 1.5 * ms, 1000);
    EXPECT_EQ(estimate.at(0).value().uncertainty_ns, fresh);
    EXPECT_GT(estimate.at(highest).value().uncertainty_ns, 0);
}

}  // namespace
}  // namespace streamhost
