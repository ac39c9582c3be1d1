#include "core/graph/graph_fixture.hpp"

#include <thread>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class port_test : public test::graph_test {
public:
    /// Calls `work` on another thread, as a vendor's library does, and waits for it.
    template <class Work>
    static void from_foreign_thread(Work work) {
        std::thread(std::move(work)).join();
    }

    envelope next(input_port& in) {
        envelope content;
        asio::post(to.own_executor(), [&] { in.try_next(content); });
        settle();
        return content;
    }
};

TEST_P(port_test, takes_turns_among_its_links) {
    auto& a = add_output("a");
    auto& b = add_output("b");
    auto& in = add_input();
    connect(a, in, {.policy = queue_policy::wait, .items = 100});
    connect(b, in, {.policy = queue_policy::wait, .items = 100});
    source(send(a, 1, 4));
    source(send(b, 101, 102));
    settle();
    EXPECT_THAT(take(in), ElementsAre("1", "101", "2", "102", "3", "4"));
}

TEST_P(port_test, ends_when_the_last_of_its_links_has_ended) {
    auto& a = add_output("a");
    auto& b = add_output("b");
    auto& in = add_input();
    connect(a, in);
    connect(b, in);
    sink(receive(in, got));
    source(send_and_close(a, 1, 1));
    settle();
    EXPECT_THAT(got, ElementsAre("1"));
    source(send_and_close(b, 2, 2));
    settle();
    EXPECT_THAT(got, ElementsAre("1", "2", "end"));
}

TEST_P(port_test, an_input_knows_which_link_a_message_came_by_and_when_links_come_and_go) {
    auto& first = add_output("a");
    auto& second = add_output("b");
    auto& in = add_input();
    auto& gone = connect(first, in);
    connect(second, in);
    EXPECT_EQ(in.sources(), (std::vector<link_source>{{"of_a", "a"}, {"of_b", "b"}}));
    source(send(second, 1, 1));
    settle();
    EXPECT_THAT(take(in), ElementsAre("1"));
    EXPECT_EQ(in.last_source(), (link_source{"of_b", "b"}));
    source(send(first, 2, 2));
    settle();
    EXPECT_THAT(take(in), ElementsAre("2"));
    EXPECT_EQ(in.last_source(), (link_source{"of_a", "a"}));
    const auto changes = in.link_changes();
    in.detach(gone);
    EXPECT_EQ(in.link_changes(), changes + 1);
    EXPECT_EQ(in.sources(), (std::vector<link_source>{{"of_b", "b"}}));
}

TEST_P(port_test, who_waits_beyond_the_end_is_woken_by_another_link) {
    auto& in = add_input();
    sink([](input_port& from, std::vector<std::string>& into) -> awaitable<void> {
        while (from.link_changes() == 0) co_await from.wait_beyond_end();
        into.push_back("a link");
        envelope next;
        while (!from.try_next(next)) co_await from.wait_beyond_end();
        into.push_back("a message");
    }(in, got));
    settle();
    EXPECT_THAT(got, ::testing::IsEmpty());
    auto& out = add_output();
    connect(out, in);
    settle();
    EXPECT_THAT(got, ElementsAre("a link"));
    source(send(out, 1, 1));
    settle();
    EXPECT_THAT(got, ElementsAre("a link", "a message"));
}

TEST_P(port_test, an_input_that_is_not_linked_has_ended) {
    auto& in = add_input();
    EXPECT_FALSE(in.linked());
    sink(receive(in, got));
    settle();
    EXPECT_THAT(got, ElementsAre("end"));
}

TEST_P(port_test, an_output_that_is_not_linked_takes_messages_at_once) {
    auto& out = add_output();
    EXPECT_FALSE(out.linked());
    source(send_and_close(out, 1, 3));
    settle();
    EXPECT_THAT(log, ElementsAre("closed"));
    EXPECT_EQ(out.sent.value(), 3u);
}

TEST_P(port_test, a_payload_is_shared_by_all_that_get_it) {
    auto& out = add_output();
    auto& a = add_input("a");
    auto& b = add_input("b");
    connect(out, a);
    connect(out, b);
    source(send(out, 1, 1));
    settle();
    const auto at_a = next(a), at_b = next(b);
    EXPECT_TRUE(at_a);
    EXPECT_EQ(at_a.payload, at_b.payload);
    EXPECT_EQ(at_a.payload.use_count(), 2);
}

TEST_P(port_test, stamps_what_it_sends) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in);
    const auto started_ns = lanes.world.time().steady_ns();
    run_for(5ms);
    source(send(out, 1, 2));
    settle();
    next(in);
    const auto second = next(in);
    EXPECT_EQ(second.header.origin, message_origin{.instance = 7});
    EXPECT_EQ(second.header.epoch, 1u);
    EXPECT_EQ(second.header.sequence, 2u);
    EXPECT_EQ(second.header.steady_ns, started_ns + 5'000'000);
    EXPECT_EQ(second.header.wall_ns, lanes.world.time().wall_ns());
    EXPECT_EQ(second.arrived_ns, started_ns + 5'000'000);
    EXPECT_EQ(second.size, 1u);
    EXPECT_EQ(*second.type, type_of<text>());
}

TEST_P(port_test, what_is_made_from_a_message_keeps_its_stamps_and_gets_a_sequence_of_its_own) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in);
    message_header from;
    from.origin.instance = 99;
    from.epoch = 5;
    from.sequence = 1000;
    from.steady_ns = 123;
    from.wall_ns = 456;
    source([](output_port& port, message_header made_from) -> awaitable<void> {
        output<text> lines(port);
        text line{"x", {}};
        co_await lines.send(std::move(line), made_from);
    }(out, from));
    settle();
    const auto content = next(in);
    EXPECT_EQ(content.header.origin.instance, 7u);
    EXPECT_EQ(content.header.epoch, 1u);
    EXPECT_EQ(content.header.sequence, 1u);
    EXPECT_EQ(content.header.steady_ns, 123);
    EXPECT_EQ(content.header.wall_ns, 456);
    EXPECT_EQ(content.arrived_ns, lanes.world.time().steady_ns());
}

TEST_P(port_test, what_is_forwarded_keeps_its_whole_header_and_ages_from_its_arrival_here) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in);
    message_header from;
    from.origin.instance = 99;
    from.epoch = 5;
    from.sequence = 1000;
    from.steady_ns = 123;
    source([](output_port& port, message_header header) -> awaitable<void> {
        output<text> lines(port);
        text line{"x", {}};
        co_await lines.forward(std::move(line), header);
    }(out, from));
    settle();
    const auto content = next(in);
    EXPECT_EQ(content.header.origin.instance, 99u);
    EXPECT_EQ(content.header.epoch, 5u);
    EXPECT_EQ(content.header.sequence, 1000u);
    EXPECT_EQ(content.header.steady_ns, 123);
    EXPECT_EQ(content.arrived_ns, lanes.world.time().steady_ns());
}

TEST_P(port_test, takes_posts_from_any_thread_in_their_order) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in);
    sink(receive(in, got));
    settle();
    from_foreign_thread([&] {
        output<text> lines(out);
        for (int i = 1; i <= 3; ++i) lines.post({std::to_string(i), {}});
    });
    EXPECT_THAT(got, IsEmpty()) << "post() ran the graph on the foreign thread";
    settle();
    EXPECT_THAT(got, ElementsAre("1", "2", "3"));
}

TEST_P(port_test, posts_beyond_what_the_lane_takes_are_dropped_and_counted) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in, {.policy = queue_policy::drop_oldest, .items = 5000});
    from_foreign_thread([&] {
        output<text> lines(out);
        for (int i = 0; i < 1500; ++i) lines.post({"x", {}});
    });
    settle();
    EXPECT_EQ(take(in).size(), 1024u);
    EXPECT_EQ(out.post_dropped.value(), 1500u - 1024u);
}

TEST_P(port_test, a_post_that_a_full_link_would_hold_back_is_dropped_and_counted_there) {
    auto& out = add_output();
    auto& in = add_input();
    auto& way = connect(out, in, {.policy = queue_policy::wait, .items = 2});
    from_foreign_thread([&] {
        output<text> lines(out);
        for (int i = 1; i <= 5; ++i) lines.post({std::to_string(i), {}});
    });
    settle();
    EXPECT_EQ(dropped(way, drop_reason::rejected), 3u);
    EXPECT_THAT(take(in), ElementsAre("1", "2"));
}

TEST_P(port_test, what_was_posted_before_the_close_still_arrives) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in);
    sink(receive(in, got));
    settle();
    // The close runs before the lane has taken what was posted.
    bool ended_at_once = false;
    asio::post(from.own_executor(), [&] {
        out.close();
        ended_at_once = in.ended();
    });
    from_foreign_thread([&] { output<text>(out).post({"last words", {}}); });
    settle();
    EXPECT_FALSE(ended_at_once);
    EXPECT_THAT(got, ElementsAre("last words", "end"));
}

TEST_P(port_test, what_comes_after_the_close_is_dropped_and_counted) {
    auto& out = add_output();
    auto& in = add_input();
    auto& way = connect(out, in, {.policy = queue_policy::drop_oldest, .items = 10});
    source(send_and_close(out, 1, 1));
    settle();
    source(send(out, 2, 2));
    settle();
    EXPECT_THAT(take(in), ElementsAre("1"));
    EXPECT_EQ(dropped(way, drop_reason::down), 1u);
}

TEST_P(port_test, a_reader_that_was_ended_leaves_the_port_to_the_next) {
    auto& out = add_output();
    auto& in = add_input();
    connect(out, in);
    task_group first_life(to.own_executor());
    std::vector<std::string> first_got;
    first_life.spawn(receive(in, first_got));
    settle();
    asio::post(to.own_executor(), [&] { first_life.terminate(); });
    settle();
    source(send(out, 1, 2));
    settle();
    sink(receive(in, got));
    settle();
    EXPECT_THAT(first_got, IsEmpty());
    EXPECT_THAT(got, ElementsAre("1", "2"));
    source(send(out, 3, 3));
    settle();
    EXPECT_THAT(got, ElementsAre("1", "2", "3"));
}

INSTANTIATE_TEST_SUITE_P(, port_test, ::testing::Bool(), test::lane_case);

}  // namespace
}  // namespace streamhost
