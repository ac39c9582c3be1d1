#include "core/graph/graph_fixture.hpp"

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class link_test : public test::graph_test {};

TEST_P(link_test, delivers_in_order_and_ends_only_when_the_queue_is_empty) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in);
    source(send_and_close(out, 1, 5));
    settle();
    EXPECT_THAT(log, ElementsAre("closed"));
    EXPECT_FALSE(in.ended());
    sink(receive(in, got));
    settle();
    EXPECT_THAT(got, ElementsAre("1", "2", "3", "4", "5", "end"));
}

TEST_P(link_test, wakes_a_receiver_that_sleeps) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in);
    sink(receive(in, got));
    settle();
    source(send(out, 1, 2));
    settle();
    EXPECT_THAT(got, ElementsAre("1", "2"));
    source(send_and_close(out, 3, 3));
    settle();
    EXPECT_THAT(got, ElementsAre("1", "2", "3", "end"));
}

TEST_P(link_test, send_never_runs_the_receivers_code) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in);
    sink(receive(in, got));
    settle();
    source([](link_test& self, output_port& port) -> awaitable<void> {
        co_await self.send(port, 1, 1);
        self.log.push_back(self.got.empty() ? "not yet" : "already");
    }(*this, out));
    settle();
    EXPECT_THAT(log, ElementsAre("not yet"));
    EXPECT_THAT(got, ElementsAre("1"));
}

TEST_P(link_test, drops_what_the_input_does_not_take_where_the_output_gives_any_type) {
    auto& out = add_output();
    auto& in = add_input();
    std::vector<std::string> complaints;
    links.push_back(std::make_unique<link>(
        "out -> in", out, in, usual_queue(queue_policy::wait), link_type_check{&type_of<text>(), [&](const envelope& first) {
            complaints.emplace_back(first.type->name);
        }}));
    out.attach(*links.back());
    in.attach(*links.back());
    source([](output_port& port) -> awaitable<void> {
        output<record> readings(port);
        output<text> lines(port);
        record reading;
        co_await readings.send(std::move(reading));
        text line{"1", {}};
        co_await lines.send(std::move(line));
        envelope untyped;
        untyped.payload = std::make_shared<const int>(1);
        port.stamp(untyped);
        (void)port.offer(untyped);
    }(out));
    settle();
    EXPECT_THAT(take(in), ElementsAre("1"));
    EXPECT_EQ(dropped(*links.back(), drop_reason::unfit), 2u);
    EXPECT_THAT(complaints, ElementsAre("record")) << "once";
}

TEST_P(link_test, many_messages_wake_a_sleeping_receiver_once) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in, {.policy = queue_policy::drop_oldest, .items = 1000});
    sink(receive(in, got));
    settle();
    const auto before = to.activity_state().turns.load();
    source(send(out, 1, 500));
    settle();
    EXPECT_EQ(got.size(), 500u);
    // A turn counts twice, at its begin and its end; some are the sender's own where both share the lane.
    EXPECT_LE(to.activity_state().turns.load() - before, 20u);
}

TEST_P(link_test, policies_without_wait_never_hold_the_sender_back) {
    for (auto policy : {queue_policy::latest, queue_policy::drop_oldest, queue_policy::drop_newest}) {
        auto& out = add_output();
        auto& in = add_input();
        auto& way = connect(out, in, {.policy = policy, .items = 2});
        log.clear();
        source(send_and_close(out, 1, 10));
        settle();
        EXPECT_THAT(log, ElementsAre("closed"));
        const auto& queue = way.queue();
        EXPECT_EQ(queue.accepted.value() + dropped(way, drop_reason::rejected), 10u);
        EXPECT_EQ(queue.depth.value(), policy == queue_policy::latest ? 2u : 2u);
    }
}

TEST_P(link_test, policies_without_wait_fill_the_queue_of_an_instance_that_is_down) {
    auto& out = add_output();
    auto& in = add_input("in", false);
    auto& way = connect(out, in, {.policy = queue_policy::drop_oldest, .items = 2});
    source(send(out, 1, 3));
    settle();
    EXPECT_EQ(way.queue().depth.value(), 2u);
    EXPECT_EQ(dropped(way, drop_reason::down), 0u);
    EXPECT_THAT(take(in), ElementsAre("2", "3"));
}

TEST_P(link_test, wait_holds_the_sender_back_until_there_is_room) {
    auto& out = add_output();
    auto& in = add_input();
    auto& way = connect(out, in, {.policy = queue_policy::wait, .items = 2});
    source(send_and_close(out, 1, 5));
    settle();
    EXPECT_THAT(log, IsEmpty());
    EXPECT_EQ(way.queue().depth.value(), 2u);
    EXPECT_THAT(take(in, 1), ElementsAre("1"));
    EXPECT_EQ(way.queue().depth.value(), 2u);
    sink(receive(in, got));
    settle();
    EXPECT_THAT(log, ElementsAre("closed"));
    EXPECT_THAT(got, ElementsAre("2", "3", "4", "5", "end"));
    EXPECT_EQ(way.queue().accepted.value(), 5u);
    EXPECT_EQ(way.queue().delivered.value(), 5u);
}

TEST_P(link_test, wait_gives_a_message_up_after_its_time_and_goes_on_with_the_next) {
    auto& out = add_output();
    auto& in = add_input();
    auto& way = connect(out, in, {.policy = queue_policy::wait, .items = 1, .wait = 300ms});
    source(send_and_close(out, 1, 3));
    run_for(299ms);
    EXPECT_EQ(dropped(way, drop_reason::timeout), 0u);
    run_for(1ms);
    EXPECT_EQ(dropped(way, drop_reason::timeout), 1u);
    EXPECT_THAT(log, IsEmpty());
    run_for(100ms);
    EXPECT_THAT(take(in, 1), ElementsAre("1"));
    EXPECT_THAT(log, ElementsAre("closed"));
    EXPECT_THAT(take(in), ElementsAre("3"));
    EXPECT_EQ(dropped(way, drop_reason::timeout), 1u);
}

TEST_P(link_test, wait_drops_at_once_what_goes_to_an_instance_that_does_not_run) {
    auto& out = add_output();
    auto& in = add_input("in", false);
    auto& way = connect(out, in, {.policy = queue_policy::wait, .items = 1});
    source(send_and_close(out, 1, 3));
    settle();
    EXPECT_THAT(log, ElementsAre("closed"));
    EXPECT_EQ(dropped(way, drop_reason::down), 3u);
    EXPECT_EQ(way.queue().accepted.value(), 0u);
}

TEST_P(link_test, a_receiver_that_stops_lets_the_waiting_sender_go_at_once) {
    auto& out = add_output();
    auto& in = add_input();
    auto& way = connect(out, in, {.policy = queue_policy::wait, .items = 1});
    source(send_and_close(out, 1, 3));
    settle();
    EXPECT_THAT(log, IsEmpty());
    asio::post(to.own_executor(), [&] { in.set_running(false); });
    settle();
    EXPECT_THAT(log, ElementsAre("closed"));
    EXPECT_EQ(dropped(way, drop_reason::down), 2u);
    EXPECT_EQ(dropped(way, drop_reason::timeout), 0u);
    EXPECT_EQ(way.queue().depth.value(), 1u) << "what was stored stays for the next life of the receiver";
}

TEST_P(link_test, a_message_that_aged_makes_room_for_a_waiting_sender) {
    auto& out = add_output();
    auto& in = add_input();
    auto& way = connect(out, in, {.policy = queue_policy::wait, .items = 1, .age = 50ms, .wait = 10s});
    source(send_and_close(out, 1, 2));
    run_for(60ms);
    EXPECT_THAT(log, IsEmpty());
    // Finds nothing that is young enough: that, too, is a change for the sender.
    EXPECT_THAT(take(in), IsEmpty());
    settle();
    EXPECT_THAT(log, ElementsAre("closed"));
    EXPECT_EQ(dropped(way, drop_reason::aged), 1u);
}

TEST_P(link_test, a_full_link_holds_back_only_its_own_message) {
    auto& out = add_output();
    auto& slow = add_input("slow");
    auto& fast = add_input("fast");
    auto& slow_way = connect(out, slow, {.policy = queue_policy::wait, .items = 1});
    connect(out, fast, {.policy = queue_policy::wait, .items = 100});
    std::vector<std::string> fast_got, slow_got;
    sink(receive(fast, fast_got));
    source(send_and_close(out, 1, 4));
    settle();
    EXPECT_THAT(fast_got, ElementsAre("1", "2")) << "message 2 is stored here, and waits on the other link only";
    sink(receive(slow, slow_got));
    settle();
    EXPECT_THAT(fast_got, ElementsAre("1", "2", "3", "4", "end"));
    EXPECT_THAT(slow_got, ElementsAre("1", "2", "3", "4", "end"));
    EXPECT_EQ(slow_way.queue().accepted.value(), 4u);
}

TEST_P(link_test, several_full_links_hold_a_message_back_for_one_waiting_time_not_for_the_sum) {
    auto& out = add_output();
    auto& a = connect(out, add_input("a"), {.policy = queue_policy::wait, .items = 1, .wait = 300ms});
    auto& b = connect(out, add_input("b"), {.policy = queue_policy::wait, .items = 1, .wait = 300ms});
    source(send_and_close(out, 1, 2));
    run_for(301ms);
    EXPECT_THAT(log, ElementsAre("closed"));
    EXPECT_EQ(dropped(a, drop_reason::timeout), 1u);
    EXPECT_EQ(dropped(b, drop_reason::timeout), 1u);
}

TEST_P(link_test, a_link_that_gets_room_gets_its_message_though_another_one_is_still_full) {
    auto& out = add_output();
    auto& b_in = add_input("b");
    connect(out, add_input("a"), {.policy = queue_policy::wait, .items = 1, .wait = 300ms});
    auto& b = connect(out, b_in, {.policy = queue_policy::wait, .items = 1, .wait = 300ms});
    source(send_and_close(out, 1, 2));
    run_for(100ms);
    EXPECT_THAT(take(b_in), ElementsAre("1"));
    EXPECT_THAT(take(b_in), ElementsAre("2"));
    EXPECT_THAT(log, IsEmpty());
    run_for(200ms);
    EXPECT_THAT(log, ElementsAre("closed"));
    EXPECT_EQ(dropped(b, drop_reason::timeout), 0u);
    EXPECT_EQ(b.queue().accepted.value(), 2u);
}

TEST_P(link_test, coroutines_that_send_on_one_output_keep_the_order_of_their_calls) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in, {.policy = queue_policy::wait, .items = 1});
    // Message 1 is stored, 2 waits, and then 3, 4 and 5 come from others.
    source(send(out, 1, 2));
    settle();
    for (int i = 3; i <= 5; ++i) source(send(out, i, i));
    settle();
    event go;
    source([](link_test& self, output_port& port, event& start) -> awaitable<void> {
        co_await start.wait();
        co_await self.send(port, 6, 6);
    }(*this, out, go));
    settle();
    std::vector<std::string> all;
    for (int i = 1; i <= 6; ++i) {
        asio::post(to.own_executor(), [&] {
            // The sixth comes when a place has got free, and before the one that waits for it has woken up.
            go.set();
            envelope next;
            if (in.try_next(next)) all.push_back(static_cast<const text*>(next.payload.get())->line);
        });
        settle();
    }
    EXPECT_THAT(all, ElementsAre("1", "2", "3", "4", "5", "6"));
}

TEST_P(link_test, a_sender_that_is_ended_while_it_waits_leaves_the_way_to_the_next) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in, {.policy = queue_policy::wait, .items = 1});
    task_group ended(from.own_executor());
    source(send(out, 1, 1));
    settle();
    ended.spawn(send(out, 2, 2));
    settle();
    source(send_and_close(out, 3, 3));
    settle();
    asio::post(from.own_executor(), [&] { ended.terminate(); });
    settle();
    EXPECT_EQ(ended.size(), 0u);
    sink(receive(in, got));
    settle();
    EXPECT_THAT(got, ElementsAre("1", "3", "end"));
}

TEST_P(link_test, an_output_that_opens_again_goes_on_in_a_new_epoch) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in);
    source(send_and_close(out, 1, 1));
    settle();
    std::vector<message_header> headers;
    const auto take_header = [&] {
        asio::post(to.own_executor(), [&] {
            envelope next;
            if (in.try_next(next)) headers.push_back(next.header);
        });
        settle();
    };
    take_header();
    EXPECT_TRUE(in.ended());
    asio::post(from.own_executor(), [&] { out.reopen(); });
    settle();
    EXPECT_FALSE(in.ended());
    source(send(out, 2, 2));
    settle();
    take_header();
    ASSERT_EQ(headers.size(), 2u);
    EXPECT_EQ(headers[0].epoch, 1u);
    EXPECT_EQ(headers[1].epoch, 2u);
    EXPECT_EQ(headers[0].sequence, 1u);
    EXPECT_EQ(headers[1].sequence, 2u);
}

INSTANTIATE_TEST_SUITE_P(, link_test, ::testing::Bool(), test::lane_case);

}  // namespace
}  // namespace streamhost
