#include "graph/message_queue.hpp"

#include <streamhost/media.hpp>

#include <gmock/gmock.h>

#include <numeric>
#include <vector>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using outcome = message_queue::outcome;

constexpr std::int64_t ms = 1'000'000;

class message_queue_test : public ::testing::Test {
protected:
    void make(queue_options options) { queue = std::make_unique<message_queue>(options); }

    outcome push(std::uint64_t number, std::size_t size = 10) {
        envelope content;
        content.header.sequence = number;
        content.payload = std::make_shared<const int>(0);
        content.size = size;
        content.arrived_ns = now_ns;
        return queue->push(std::move(content), now_ns);
    }

    std::vector<std::uint64_t> take_all() {
        std::vector<std::uint64_t> numbers;
        for (envelope next; queue->pop(next, now_ns);) numbers.push_back(next.header.sequence);
        return numbers;
    }

    std::uint64_t dropped(drop_reason reason) const {
        return queue->dropped[static_cast<std::size_t>(reason)].value();
    }

    /// What went in has come out, was dropped for a counted reason, or is still there.
    void expect_balance() const {
        EXPECT_EQ(queue->accepted.value(), queue->delivered.value() + dropped(drop_reason::replaced) +
                                               dropped(drop_reason::aged) + queue->depth.value());
    }

    std::int64_t now_ns = 1000 * ms;
    std::unique_ptr<message_queue> queue;
};

TEST_F(message_queue_test, keeps_the_order) {
    make({.policy = queue_policy::wait, .items = 3});
    for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_EQ(push(i), outcome::stored);
    EXPECT_THAT(take_all(), ElementsAre(1, 2, 3));
    expect_balance();
}

TEST_F(message_queue_test, latest_keeps_only_the_newest) {
    make(usual_queue(queue_policy::latest));
    for (std::uint64_t i = 1; i <= 4; ++i) EXPECT_EQ(push(i), outcome::stored);
    EXPECT_EQ(queue->depth.value(), 1u);
    EXPECT_THAT(take_all(), ElementsAre(4));
    EXPECT_EQ(dropped(drop_reason::replaced), 3u);
    expect_balance();
}

TEST_F(message_queue_test, latest_with_more_places_starts_afresh_when_they_are_full) {
    make({.policy = queue_policy::latest, .items = 2});
    push(1);
    push(2);
    push(3);
    EXPECT_THAT(take_all(), ElementsAre(3));
    expect_balance();
}

TEST_F(message_queue_test, drop_oldest_makes_room_from_the_front) {
    make({.policy = queue_policy::drop_oldest, .items = 2});
    for (std::uint64_t i = 1; i <= 4; ++i) EXPECT_EQ(push(i), outcome::stored);
    EXPECT_THAT(take_all(), ElementsAre(3, 4));
    EXPECT_EQ(dropped(drop_reason::replaced), 2u);
    expect_balance();
}

TEST_F(message_queue_test, drop_newest_and_disconnect_refuse_what_does_not_fit) {
    for (auto policy : {queue_policy::drop_newest, queue_policy::disconnect}) {
        make({.policy = policy, .items = 2});
        EXPECT_EQ(push(1), outcome::stored);
        EXPECT_EQ(push(2), outcome::stored);
        EXPECT_EQ(push(3), outcome::dropped);
        EXPECT_THAT(take_all(), ElementsAre(1, 2));
        EXPECT_EQ(dropped(drop_reason::rejected), 1u);
        EXPECT_EQ(queue->accepted.value(), 2u);
        expect_balance();
    }
}

TEST_F(message_queue_test, wait_stores_nothing_and_counts_nothing_while_it_is_full) {
    make({.policy = queue_policy::wait, .items = 1});
    EXPECT_EQ(push(1), outcome::stored);
    EXPECT_EQ(push(2), outcome::full);
    EXPECT_EQ(queue->accepted.value(), 1u);
    EXPECT_THAT(take_all(), ElementsAre(1));
    EXPECT_EQ(push(2), outcome::stored);
    expect_balance();
}

TEST_F(message_queue_test, bytes_limit_the_queue_as_well) {
    make({.policy = queue_policy::drop_oldest, .items = 100, .bytes = 100});
    for (std::uint64_t i = 1; i <= 3; ++i) push(i, 40);
    EXPECT_EQ(queue->depth_bytes.value(), 80u);
    EXPECT_THAT(take_all(), ElementsAre(2, 3));
    EXPECT_EQ(queue->depth_bytes.value(), 0u);
    EXPECT_EQ(queue->bytes_delivered.value(), 80u);
    expect_balance();
}

TEST_F(message_queue_test, as_many_old_ones_go_as_the_new_ones_bytes_need) {
    make({.policy = queue_policy::drop_oldest, .items = 100, .bytes = 100});
    for (std::uint64_t i = 1; i <= 3; ++i) push(i, 30);
    push(4, 70);
    EXPECT_THAT(take_all(), ElementsAre(3, 4));
    expect_balance();
}

TEST_F(message_queue_test, a_message_above_the_limit_of_bytes_passes_through_an_empty_queue) {
    make({.policy = queue_policy::wait, .items = 100, .bytes = 100});
    EXPECT_EQ(push(1, 1000), outcome::stored);
    EXPECT_EQ(push(2, 1), outcome::full);
    EXPECT_THAT(take_all(), ElementsAre(1));
    expect_balance();
}

TEST_F(message_queue_test, what_has_waited_too_long_is_dropped_when_it_is_taken) {
    make({.policy = queue_policy::wait, .items = 10, .age = 100ms});
    push(1);
    now_ns += 60 * ms;
    push(2);
    now_ns += 40 * ms;
    EXPECT_THAT(take_all(), ElementsAre(1, 2)) << "exactly the limit is not above it";
    push(3);
    now_ns += 60 * ms;
    push(4);
    now_ns += 60 * ms;
    EXPECT_THAT(take_all(), ElementsAre(4));
    EXPECT_EQ(dropped(drop_reason::aged), 1u);
    expect_balance();
}

TEST_F(message_queue_test, what_has_waited_too_long_makes_room_for_the_next) {
    make({.policy = queue_policy::drop_newest, .items = 1, .age = 100ms});
    push(1);
    now_ns += 101 * ms;
    EXPECT_EQ(push(2), outcome::stored);
    EXPECT_EQ(dropped(drop_reason::aged), 1u);
    EXPECT_THAT(take_all(), ElementsAre(2));
    expect_balance();
}

TEST_F(message_queue_test, shows_its_depth_and_the_arrival_of_its_head) {
    make({.policy = queue_policy::wait, .items = 10});
    EXPECT_EQ(queue->head_arrived_ns.value(), 0u);
    const auto first = now_ns;
    push(1);
    now_ns += 5 * ms;
    push(2);
    EXPECT_EQ(queue->depth.value(), 2u);
    EXPECT_EQ(queue->depth_bytes.value(), 20u);
    EXPECT_EQ(queue->head_arrived_ns.value(), static_cast<std::uint64_t>(first));
    take_all();
    EXPECT_EQ(queue->depth.value(), 0u);
    EXPECT_EQ(queue->head_arrived_ns.value(), 0u);
}

TEST_F(message_queue_test, measures_how_long_messages_have_waited) {
    make({.policy = queue_policy::wait, .items = 10});
    push(1);
    now_ns += 8 * ms;
    take_all();
    EXPECT_EQ(queue->waited.total(), 1u);
    EXPECT_GE(queue->waited.percentile(0.5), 8 * ms);
    EXPECT_LE(queue->waited.percentile(0.5), 10 * ms);
}

TEST_F(message_queue_test, lets_go_of_a_payload_as_soon_as_it_is_dropped_or_taken) {
    make({.policy = queue_policy::latest, .items = 1});
    const auto payload = std::make_shared<const int>(7);
    envelope content;
    content.payload = payload;
    content.arrived_ns = now_ns;
    queue->push(content, now_ns);
    content = {};
    EXPECT_EQ(payload.use_count(), 2);
    push(2);
    EXPECT_EQ(payload.use_count(), 1);
}

/// Any mixture of pushes and pops keeps the count, under every policy and limit.
TEST_F(message_queue_test, counters_add_up_whatever_happens) {
    std::uint64_t chance = 42;
    const auto draw = [&chance](std::uint64_t below) {
        chance = chance * 6364136223846793005ULL + 1442695040888963407ULL;
        return (chance >> 33) % below;
    };
    for (auto policy : {queue_policy::latest, queue_policy::drop_oldest, queue_policy::drop_newest, queue_policy::wait}) {
        make({.policy = policy, .items = 5, .bytes = 200, .age = 20ms});
        std::uint64_t number = 0, refused = 0, last = 0;
        for (int step = 0; step < 20'000; ++step) {
            now_ns += static_cast<std::int64_t>(draw(5)) * ms;
            if (draw(2) == 0) {
                const auto stored = push(++number, draw(120));
                if (stored != outcome::stored) ++refused;
            } else if (envelope next; queue->pop(next, now_ns)) {
                ASSERT_GT(next.header.sequence, last);
                last = next.header.sequence;
            }
            ASSERT_LE(queue->depth.value(), 5u);
            expect_balance();
        }
        EXPECT_EQ(number, queue->accepted.value() + refused);
    }
}

TEST(drop_reason_test, every_reason_has_a_name_of_its_own) {
    std::vector<std::string_view> names;
    for (int i = 0; i < static_cast<int>(drop_reason::count_); ++i) names.push_back(to_string(static_cast<drop_reason>(i)));
    EXPECT_THAT(names, ElementsAre("replaced", "rejected", "aged", "timeout", "down", "unfit", "fault"));
}

}  // namespace
}  // namespace streamhost
