#include "graph/fault_stage.hpp"
#include "runtime/simulation.hpp"

#include <streamhost/media.hpp>

#include <gmock/gmock.h>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class fault_stage_test : public ::testing::Test {
protected:
    fault_stage& start(const link_fault& options, std::uint64_t seed = 1) {
        return stage.emplace(
            options, timers, seed, [this](const envelope& content) { passed.push_back({content.header.sequence, since_start()}); },
            [this] { ++lost; });
    }
    void take(std::uint64_t number, std::size_t size = 1) {
        envelope content;
        content.header.sequence = number;
        content.size = size;
        stage->take(content);
    }
    std::chrono::milliseconds since_start() const { return std::chrono::duration_cast<std::chrono::milliseconds>(time.now() - begun); }
    void run_for(duration span) {
        const auto until = time.now() + span;
        for (auto next = timers.earliest(); next && *next <= until; next = timers.earliest()) {
            time.move_to(*next);
            timers.run_due();
        }
        time.move_to(until);
    }
    std::vector<std::uint64_t> numbers() const {
        std::vector<std::uint64_t> all;
        for (const auto& [number, when] : passed) all.push_back(number);
        return all;
    }

    simulated_clock time;
    timer_queue timers{time};
    const steady_time begun = time.now();
    std::optional<fault_stage> stage;
    std::vector<std::pair<std::uint64_t, std::chrono::milliseconds>> passed;
    int lost = 0;
};

TEST_F(fault_stage_test, delays_each_message_and_keeps_their_order) {
    start({.delay_ms = 50ms, .jitter_ms = 40ms});
    for (std::uint64_t i = 1; i <= 100; ++i) {
        take(i);
        run_for(1ms);
    }
    run_for(1s);
    ASSERT_THAT(passed, SizeIs(100));
    for (std::size_t i = 0; i < passed.size(); ++i) {
        EXPECT_EQ(passed[i].first, i + 1);
        EXPECT_GE(passed[i].second, std::chrono::milliseconds(i) + 50ms);
        EXPECT_LE(passed[i].second, std::chrono::milliseconds(i) + 91ms);
    }
}

TEST_F(fault_stage_test, loses_the_same_part_with_the_same_seed) {
    const auto run = [this](std::uint64_t seed) {
        passed.clear();
        lost = 0;
        start({.loss = 0.1}, seed);
        for (std::uint64_t i = 1; i <= 1000; ++i) take(i);
        return numbers();
    };
    const auto once = run(7);
    EXPECT_EQ(once.size() + static_cast<std::size_t>(lost), 1000u);
    EXPECT_NEAR(lost, 100, 30);
    EXPECT_EQ(run(7), once);
    EXPECT_NE(run(8), once);
}

TEST_F(fault_stage_test, lets_so_many_bytes_pass_in_a_second) {
    start({.rate = 1000});
    for (std::uint64_t i = 1; i <= 4; ++i) take(i, 500);
    run_for(10s);
    using number_at = std::pair<std::uint64_t, std::chrono::milliseconds>;
    EXPECT_THAT(passed, ElementsAre(number_at{1, 500ms}, number_at{2, 1000ms}, number_at{3, 1500ms}, number_at{4, 2000ms}));
}

TEST_F(fault_stage_test, stalls_and_then_passes_all_at_once) {
    start({.stall_every_ms = 1000ms, .stall_ms = 300ms});
    for (std::uint64_t i = 0; i < 20; ++i) {
        take(i);
        run_for(100ms);
    }
    run_for(1s);
    ASSERT_THAT(passed, SizeIs(20));
    for (const auto& [number, when] : passed) EXPECT_LT(when % 1000ms, 700ms) << number;
}

TEST_F(fault_stage_test, passes_the_rest_when_nothing_more_comes) {
    start({.delay_ms = 1000ms});
    take(1);
    take(2);
    stage->flush();
    EXPECT_THAT(numbers(), ElementsAre(1, 2));
    EXPECT_EQ(timers.earliest(), std::nullopt);
}

}  // namespace
}  // namespace streamhost
