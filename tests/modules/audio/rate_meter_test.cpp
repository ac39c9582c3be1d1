#include "drift_meter.hpp"
#include "rate_meter.hpp"

#include <gtest/gtest.h>

#include <random>

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};

steady_time after(double seconds) {
    return start + std::chrono::duration_cast<duration>(std::chrono::duration<double>(seconds));
}

TEST(rate_meter_test, a_steady_clock_is_measured_exactly) {
    rate_meter meter;
    for (int i = 0; i < 3000; ++i) meter.add(after(i * 0.01), i * 441);
    ASSERT_TRUE(meter.rate());
    EXPECT_NEAR(meter.rate()->rate, 44100, 0.01);
}

TEST(rate_meter_test, too_little_time_is_no_answer) {
    rate_meter meter;
    for (int i = 0; i < 1900; ++i) meter.add(after(i * 0.01), i * 441);
    EXPECT_FALSE(meter.rate());
    meter.reset();
    EXPECT_FALSE(meter.rate());
}

TEST(rate_meter_test, packets_that_tremble_by_20_ms_cost_less_than_20_ppm) {
    std::mt19937 random(1);
    std::uniform_real_distribution<double> late(0, 0.02);
    rate_meter meter;
    for (int i = 0; i < 3000; ++i) meter.add(after(i * 1024 / 44100.0 + late(random)), i * 1024);
    EXPECT_NEAR(meter.rate()->rate / 44100, 1, 20e-6);
    EXPECT_GT(meter.rate()->error / 44100, 2e-6);
    EXPECT_LT(meter.rate()->error / 44100, 20e-6);
}

TEST(rate_meter_test, what_is_over_a_minute_old_is_forgotten) {
    rate_meter meter;
    double seconds = 0;
    std::int64_t frames = 0;
    for (; frames < 44100 * 100; frames += 441) meter.add(after(seconds += 0.01), frames);
    for (; frames < 44100 * 165; frames += 441) meter.add(after(seconds += 0.011), frames);
    EXPECT_NEAR(meter.rate()->rate, 441 / 0.011, 0.1);
}

TEST(drift_meter_test, two_clocks_are_compared_whatever_their_nominal_rates) {
    drift_meter meter(44100, 48000);
    for (int i = 0; i < 3000; ++i) {
        meter.add_arrival(after(i * 0.01 / (1 + 150e-6)), 441);
        meter.add_device(after(i * 0.01 / (1 - 50e-6)), i * 480);
    }
    ASSERT_TRUE(meter.drift());
    EXPECT_NEAR(meter.drift()->drift, 200e-6, 1e-6);
    meter.reset_source();
    EXPECT_FALSE(meter.drift());
}

}  // namespace
}  // namespace streamhost::audio
