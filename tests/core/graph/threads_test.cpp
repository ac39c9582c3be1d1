#include "async/lane.hpp"
#include "async/machine_clock.hpp"
#include "graph/link.hpp"

#include <streamhost/media.hpp>
#include <streamhost/port.hpp>
#include <streamhost/task_group.hpp>

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace streamhost {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t many = 100'000;

/// Two lanes with their threads, a producer on one and a consumer on the other.
class threads_test : public ::testing::TestWithParam<queue_policy> {
protected:
    /// The link's own limit is far away: on a busy machine nothing may time out.
    static queue_options options() { return {.policy = GetParam(), .items = usual_items(GetParam()), .wait = 1h}; }

    static awaitable<void> produce(output_port& port) {
        output<record> numbers(port);
        for (std::uint64_t i = 1; i <= many; ++i) {
            record number{i};
            co_await numbers.send(std::move(number));
        }
        port.close();
    }

    awaitable<void> consume(input_port& port) {
        input<record> numbers(port);
        for (;;) {
            const auto number = co_await numbers.next();
            if (!number) break;
            const auto value = number->value.as_uint64();
            in_order &= value > last;
            last = value;
            ++received;
        }
        over.set_value();
    }

    machine_clock time;
    lane from{"from", time}, to{"to", time};
    output_port out{"out", from.own_executor(), from.timers(), {}};
    input_port in{"in", to.own_executor(), time};
    link way{"out -> in", out, in, options()};
    task_group sources{from.own_executor()}, sinks{to.own_executor()};
    std::promise<void> over;
    std::uint64_t received = 0, last = 0;
    bool in_order = true;
};

TEST_P(threads_test, a_hundred_thousand_messages_cross_lanes_in_order_and_every_one_is_accounted_for) {
    out.attach(way);
    in.attach(way);
    in.set_running(true);
    sources.spawn(produce(out));
    sinks.spawn(consume(in));
    from.start();
    to.start();
    auto end = over.get_future();
    const auto& queue = way.queue();
    // Other threads read the counters all the while.
    while (end.wait_for(1ms) != std::future_status::ready) {
        EXPECT_LE(queue.delivered.value(), many);
        EXPECT_LE(queue.waited.total(), many);
    }
    for (auto* each : {&from, &to}) {
        each->stop();
        each->thread().join();
    }
    EXPECT_TRUE(in_order);
    EXPECT_EQ(last, many) << "the newest one always arrives";
    std::uint64_t lost = 0;
    for (const auto& reason : queue.dropped) lost += reason.value();
    EXPECT_EQ(queue.accepted.value(), many);
    EXPECT_EQ(received, queue.delivered.value());
    EXPECT_EQ(received + lost, many);
    EXPECT_EQ(queue.depth.value(), 0u);
    if (GetParam() == queue_policy::wait) {
        EXPECT_EQ(received, many);
    }
}

INSTANTIATE_TEST_SUITE_P(, threads_test,
                         ::testing::Values(queue_policy::wait, queue_policy::latest, queue_policy::drop_oldest),
                         [](const auto& which) { return std::string(to_string(which.param)); });

TEST(posting_threads_test, several_threads_post_and_every_message_is_accounted_for) {
    machine_clock time;
    lane from{"from", time}, to{"to", time};
    output_port out{"out", from.own_executor(), from.timers(), {}};
    input_port in{"in", to.own_executor(), time};
    link way{"out -> in", out, in, {.policy = queue_policy::drop_oldest, .items = 100'000}};
    out.attach(way);
    in.attach(way);
    in.set_running(true);
    from.start();
    to.start();

    constexpr int threads = 3, each_posts = 5000;
    std::vector<std::thread> posting;
    for (int who = 0; who < threads; ++who) {
        posting.emplace_back([&out, who] {
            output<record> numbers(out);
            for (int i = 1; i <= each_posts; ++i) numbers.post({boost::json::array{who, i}});
        });
    }
    for (auto& thread : posting) thread.join();
    std::promise<void> closed;
    asio::post(from.own_executor(), [&] {
        out.close();
        closed.set_value();
    });
    closed.get_future().wait();
    for (auto* each : {&from, &to}) {
        each->stop();
        each->thread().join();
    }

    std::vector<std::int64_t> last(threads, 0);
    std::uint64_t received = 0;
    for (envelope next; in.try_next(next); ++received) {
        const auto& pair = static_cast<const record*>(next.payload.get())->value.as_array();
        auto& before = last[static_cast<std::size_t>(pair[0].as_int64())];
        EXPECT_GT(pair[1].as_int64(), before);
        before = pair[1].as_int64();
    }
    EXPECT_EQ(received + out.post_dropped.value(), static_cast<std::uint64_t>(threads * each_posts));
}

}  // namespace
}  // namespace streamhost
