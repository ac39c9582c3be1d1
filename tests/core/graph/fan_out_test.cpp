#include "runtime/machine_world.hpp"
#include "support/raw_peer.hpp"
#include "support/stage.hpp"

#include <streamhost/fan_out.hpp>
#include <streamhost/host_view.hpp>
#include <streamhost/message_stream.hpp>
#include <streamhost/wire/length_prefix.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <list>
#include <map>
#include <optional>
#include <thread>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using test::scripted;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* server_address = "127.0.0.1:9999";

/// A message that says its number in every eighth of its bytes, so that a torn one shows.
wire_message numbered(std::uint64_t number, std::size_t size = 64) {
    std::vector<std::uint64_t> body(size / 8, number);
    const auto prefix = length_prefix::encode(body.size() * 8);
    wire_message whole;
    whole.pieces.push_back(shared_bytes::adopt(std::vector<std::byte>(prefix.begin(), prefix.end())));
    whole.pieces.push_back(shared_bytes::adopt(std::move(body)));
    return whole;
}

/// The number, or nothing where the message is torn.
std::optional<std::uint64_t> number_in(std::span<const std::byte> body) {
    if (body.empty() || body.size() % 8 != 0) return std::nullopt;
    std::vector<std::uint64_t> numbers(body.size() / 8);
    std::memcpy(numbers.data(), body.data(), body.size());
    if (std::ranges::count(numbers, numbers.front()) != std::ssize(numbers)) return std::nullopt;
    return numbers.front();
}

constexpr receive_limits any{};
constexpr std::uint64_t the_end = 999'999;

/// Publishes what a test says.
class publisher final : public module {
public:
    static inline std::function<awaitable<void>(module_context&, fan_out&)> script;
    static inline fan_out::options options;
    static inline const char* address = server_address;

    static module_info describe() {
        return streamhost::describe<publisher>("test.publisher", "publishes what a test says").listens().serves_viewers();
    }
    explicit publisher(module_context& host) : host_(host) {}

    awaitable<void> prepare() override {
        auto entrance = co_await host_.network().listen(address);
        auto chosen = options;
        for (auto& each : chosen.queues) each = host_.viewers().queue.over(each);
        viewers_ = std::make_unique<fan_out>(host_, std::move(entrance), std::move(chosen));
    }
    awaitable<void> run() override {
        host_.spawn(viewers_->accept_viewers());
        co_await script(host_, *viewers_);
        auto last = numbered(the_end);
        co_await viewers_->finish(2s, std::move(last));
    }

private:
    module_context& host_;
    std::unique_ptr<fan_out> viewers_;
};

/// The parameter: how many lanes the viewers have of their own.
class fan_out_test : public test::stage, public ::testing::WithParamInterface<std::uint32_t> {
protected:
    struct viewing {
        std::vector<std::uint64_t> numbers;
        std::vector<duration> times;  // since the start
        bool torn = false;
        bool closed = false;
    };

    fan_out_test() {
        publisher::options = {};
        publisher::options.queues = {usual_queue(queue_policy::drop_oldest)};
        publisher::address = server_address;
    }

    void serve(viewer_options viewers, std::function<awaitable<void>(module_context&, fan_out&)> what) {
        viewers.lanes = GetParam();
        publisher::script = std::move(what);
        graph.add<publisher>("server").viewers = viewers;
    }

    /// Publishes 1, 2, ... every 10 ms.
    static awaitable<void> publish(module_context& host, fan_out& viewers, std::uint64_t last, std::size_t size = 64) {
        auto beat = host.every(10ms);
        for (std::uint64_t number = 1; number <= last; ++number) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;
            viewers.publish(numbered(number, size), host.clock().steady_ns());
        }
    }

    /// Reads for as long as there is something, from `after` on; with a pause before each message from the second on.
    viewing& add_viewer(duration after = {}, duration pause = {}) {
        auto& one = viewings_.emplace_back();
        add("viewer_" + std::to_string(viewings_.size()), {.run = [this, &one, after, pause](scripted& self) -> awaitable<void> {
            co_await self.host.sleep_for(after);
            auto session = co_await self.host.network().dial(server_address);
            if (!session) throw std::runtime_error(session.error().message());
            for (;;) {
                const auto body = co_await read_prefixed(*session, any);
                if (!body) break;
                const auto number = number_in(body->span());
                if (!number) one.torn = true;
                one.numbers.push_back(number.value_or(0));
                one.times.push_back(time_since_start());
                if (pause > duration::zero()) co_await self.host.sleep_for(pause);
            }
            one.closed = true;
        }});
        return one;
    }

    /// Connects and takes nothing, until the host drains.
    void add_stuck_viewer(duration span = 24h) {
        add("stuck", {.run = [span](scripted& self) -> awaitable<void> {
            auto session = co_await self.host.network().dial(server_address);
            co_await self.host.sleep_for(span);
        }});
    }

    std::uint64_t metric(const std::string& name) const {
        for (const auto& each : instance("server").metrics) {
            if (each.name == name) return each.value;
        }
        throw std::logic_error("no metric " + name);
    }

    std::list<viewing> viewings_;
};

INSTANTIATE_TEST_SUITE_P(, fan_out_test, ::testing::Values(0u, 1u, 2u),
                         [](const auto& which) { return "lanes_" + std::to_string(which.param); });

std::vector<std::uint64_t> up_to(std::uint64_t last) {
    std::vector<std::uint64_t> all(last);
    for (std::uint64_t i = 0; i < last; ++i) all[i] = i + 1;
    all.push_back(the_end);
    return all;
}

TEST_P(fan_out_test, everybody_gets_everything_in_order_and_the_end) {
    for (int i = 0; i < 20; ++i) add_viewer();
    serve({}, [](module_context& host, fan_out& viewers) -> awaitable<void> {
        co_await host.sleep_for(5ms);
        co_await publish(host, viewers, 50);
    });
    run();
    for (const auto& each : viewings_) {
        EXPECT_EQ(each.numbers, up_to(50));
        EXPECT_TRUE(each.closed);
    }
    EXPECT_EQ(metric("viewer_messages_sent"), 20u * 50u);
    EXPECT_EQ(metric("viewer_messages_dropped"), 0u);
    EXPECT_EQ(metric("viewers"), 0u);
}

TEST_P(fan_out_test, who_comes_late_gets_the_latest_at_once) {
    const auto& late = add_viewer(1s);
    serve({}, [](module_context& host, fan_out& viewers) -> awaitable<void> {
        co_await publish(host, viewers, 5);
        co_await host.sleep_for(2s);
    });
    run();
    ASSERT_THAT(late.numbers, ElementsAre(5u, the_end));
    EXPECT_LT(late.times[0], 1s + 1ms);
}

TEST_P(fan_out_test, who_comes_gets_nothing_that_is_out_of_date) {
    const auto& late = add_viewer(1s);
    serve({}, [](module_context& host, fan_out& viewers) -> awaitable<void> {
        co_await publish(host, viewers, 5);
        viewers.forget_latest();
        co_await host.sleep_for(2s);
    });
    run();
    EXPECT_THAT(late.numbers, ElementsAre(the_end));
}

TEST_P(fan_out_test, a_slow_viewer_gets_whole_messages_and_the_newest_and_what_it_missed_is_counted) {
    const auto& fast = add_viewer();
    const auto& slow = add_viewer(0s, 95ms);
    viewer_options viewers;
    viewers.queue.policy = queue_policy::latest;
    serve(viewers, [](module_context& host, fan_out& to) -> awaitable<void> {
        co_await publish(host, to, 1000, 40'000);
        co_await host.sleep_for(1s);
    });
    std::vector<viewer_snapshot> then;
    graph.add<scripted>("looker");
    scripts["looker"].run = [&](scripted& self) -> awaitable<void> {
        co_await self.host.sleep_for(5s);
        then = instance("server").viewers;
    };
    run();
    EXPECT_THAT(fast.numbers, SizeIs(::testing::Ge(999u)));
    EXPECT_FALSE(slow.torn);
    EXPECT_TRUE(std::ranges::is_sorted(slow.numbers));
    ASSERT_THAT(slow.numbers, SizeIs(::testing::AllOf(::testing::Gt(80u), ::testing::Lt(130u))));
    // The pipe holds one and a half: the third one that it gets is as new as its slowness allows.
    EXPECT_EQ(slow.numbers[slow.numbers.size() - 2], 1000u);

    ASSERT_THAT(then, SizeIs(2));
    std::ranges::sort(then, {}, &viewer_snapshot::delivered);
    EXPECT_EQ(then[0].policy, "latest, 1 item");
    EXPECT_EQ(then[0].dropped[0].first, "replaced");
    EXPECT_NEAR(static_cast<double>(then[0].delivered + then[0].dropped[0].second + then[0].waiting), 500, 3);
    EXPECT_GT(then[0].age_ns, 0);
    EXPECT_EQ(then[1].dropped[0].second, 0u);
    EXPECT_EQ(then[1].waiting, 0u);
    EXPECT_EQ(then[1].age_ns, 0);
    EXPECT_EQ(then[1].bytes, then[1].delivered * 40'008);
}

TEST_P(fan_out_test, messages_that_have_waited_too_long_are_counted_apart) {
    add_viewer(0s, 300ms);
    viewer_options viewers;
    viewers.queue.items = 1000;
    viewers.queue.age_ms = 100ms;
    serve(viewers, [](module_context& host, fan_out& to) -> awaitable<void> { co_await publish(host, to, 300, 40'000); });
    run();
    EXPECT_GT(metric("viewer_messages_aged"), 100u);
    EXPECT_EQ(metric("viewer_messages_replaced"), 0u);
}

TEST_P(fan_out_test, disconnect_cuts_who_is_too_slow) {
    add_stuck_viewer();
    const auto& other = add_viewer();
    viewer_options viewers;
    viewers.queue.policy = queue_policy::disconnect;
    viewers.queue.items = 3;
    serve(viewers, [this](module_context& host, fan_out& to) -> awaitable<void> {
        co_await publish(host, to, 100, 40'000);
        EXPECT_EQ(to.viewers(), 1u);
        EXPECT_THAT(instance("server").viewers, SizeIs(1));
        host.stop_host("test");
    });
    run();
    EXPECT_EQ(other.numbers.size(), 101u);
    EXPECT_EQ(metric("viewers_stalled"), 0u);
    EXPECT_EQ(metric("viewer_messages_dropped"), 4u) << "the three that waited, and the one too many";
}

TEST_P(fan_out_test, who_takes_nothing_is_cut_when_the_time_is_over_and_who_takes_little_is_not) {
    add_stuck_viewer();
    const auto& slow = add_viewer(0s, 900ms);
    viewer_options viewers;
    viewers.queue.policy = queue_policy::latest;
    viewers.stall_ms = 1s;
    serve(viewers, [this](module_context& host, fan_out& to) -> awaitable<void> {
        // The stuck viewer's pipe is full with the second message: that moves last.
        co_await publish(host, to, 99, 40'000);
        EXPECT_EQ(to.viewers(), 2u);
        co_await publish(host, to, 5, 40'000);
        EXPECT_EQ(to.viewers(), 1u);
        co_await publish(host, to, 500, 40'000);
        EXPECT_EQ(to.viewers(), 1u);
        host.stop_host("test");
    });
    run();
    EXPECT_EQ(metric("viewers_stalled"), 1u);
    EXPECT_FALSE(slow.torn);
    EXPECT_THAT(logged(), ::testing::Contains(HasSubstr("took nothing for 1000 ms: cut")));
}

TEST_P(fan_out_test, who_talks_where_nothing_is_heard_is_cut) {
    add("talker", {.run = [](scripted& self) -> awaitable<void> {
        auto session = co_await self.host.network().dial(server_address);
        const std::vector<std::byte> words(1000);
        int said = 0;
        for (bool taken = true; taken && said < 1000; ++said) {
            const auto done = co_await session->write(asio::buffer(words));
            taken = done.has_value();
            co_await self.host.sleep_for(1ms);
        }
        self.at.note("said " + std::to_string(said));
    }});
    serve({}, [](module_context& host, fan_out&) -> awaitable<void> { co_await host.sleep_for(5s); });
    run();
    EXPECT_THAT(notes, ElementsAre(HasSubstr("said 6")));
    EXPECT_THAT(logged(), ::testing::Contains(HasSubstr("it sends and sends, and nothing is taken here")));
}

/// Answers every byte with a numbered message, and objects to a zero.
class echoing_ear final : public viewer_ear {
public:
    std::optional<objection> hear(viewer& from, std::span<const std::byte> said) override {
        for (const auto byte : said) {
            if (byte == std::byte{0}) return objection{"it said nothing", numbered(777)};
            from.reply(numbered(std::to_integer<std::uint64_t>(byte) + 1000));
        }
        return std::nullopt;
    }
};

TEST_P(fan_out_test, an_ear_answers_ahead_of_what_waits_and_has_the_last_word) {
    publisher::options.ear = [](const viewer&) { return std::make_unique<echoing_ear>(); };
    std::vector<std::uint64_t> numbers;
    add("talker", {.run = [&](scripted& self) -> awaitable<void> {
        auto session = co_await self.host.network().dial(server_address);
        for (const std::uint8_t word : {1, 2, 0, 3}) {
            co_await self.host.sleep_for(100ms);
            (void)co_await session->write(asio::buffer(&word, 1));
        }
        for (;;) {
            const auto body = co_await read_prefixed(*session, any);
            if (!body) break;
            numbers.push_back(number_in(body->span()).value_or(0));
        }
    }});
    serve({}, [](module_context& host, fan_out& to) -> awaitable<void> {
        co_await host.sleep_for(250ms);
        co_await publish(host, to, 1);
        co_await host.sleep_for(2s);
    });
    run();
    EXPECT_THAT(numbers, ElementsAre(1001u, 1002u, 1u, 777u));
    EXPECT_THAT(logged(), ::testing::Contains(HasSubstr("it said nothing")));
}

TEST_P(fan_out_test, a_session_that_listens_is_sent_to_by_name_in_the_order_of_publishing) {
    std::vector<viewer*> known;
    publisher::options.begins_with_latest = false;
    publisher::options.listen = [&](viewer& from) -> awaitable<void> {
        known.push_back(&from);
        (void)co_await discard(from.session(), 100);
    };
    const auto& first = add_viewer();
    const auto& second = add_viewer(10ms);
    serve({}, [&](module_context& host, fan_out& to) -> awaitable<void> {
        co_await host.sleep_for(20ms);
        to.publish(numbered(1), 0);
        to.send_to(*known.at(0), numbered(2), 0);
        to.publish(numbered(3), 0);
        to.send_to(*known.at(1), numbered(4), 0);
    });
    run();
    EXPECT_THAT(first.numbers, ElementsAre(1u, 2u, 3u, the_end));
    EXPECT_THAT(second.numbers, ElementsAre(1u, 3u, 4u, the_end));
}

/// Opens the sessions itself: the first byte of each says which channel it wants.
class receptionist final : public module {
public:
    static module_info describe() {
        return streamhost::describe<receptionist>("test.receptionist", "opens the sessions itself").listens().serves_viewers();
    }
    explicit receptionist(module_context& host) : host_(host) {
        fan_out::options options;
        options.queues = {usual_queue(queue_policy::drop_oldest), usual_queue(queue_policy::latest)};
        viewers_ = std::make_unique<fan_out>(host, std::move(options));
    }

    awaitable<void> prepare() override { entrance_ = co_await host_.network().listen(server_address); }
    awaitable<void> run() override {
        EXPECT_EQ(viewers_->local().port, 0);
        host_.spawn(accept());
        co_await host_.sleep_for(100ms);
        for (std::uint64_t i = 1; i <= 3; ++i) {
            viewers_->publish(numbered(i), host_.clock().steady_ns(), 0);
            viewers_->publish(numbered(100 + i), host_.clock().steady_ns(), 1);
        }
        co_await host_.sleep_for(100ms);
        shown = host_.view().snapshot().instances.at(0).viewers;
        viewers_->end_channel(0, "another format");
        viewers_->publish(numbered(104), host_.clock().steady_ns(), 1);
        co_await host_.sleep_for(1s);
        entrance_.close();
        auto last = numbered(the_end);
        co_await viewers_->finish(2s, std::move(last));
        EXPECT_FALSE(viewers_->admit({}));
    }

    static inline std::vector<viewer_snapshot> shown;
    static inline int refused = 0;

private:
    awaitable<void> accept() {
        for (;;) {
            auto session = co_await entrance_.accept();
            if (!session) break;
            std::byte wish{};
            (void)co_await session->read(std::span(&wish, 1));
            fan_out::opened_session arrived{.session = std::move(*session), .channels = {}};
            arrived.channels.set(std::to_integer<std::size_t>(wish));
            arrived.first = numbered(1000);
            arrived.shown = "(by hand)";
            if (!viewers_->admit(std::move(arrived))) ++refused;
        }
    }

    module_context& host_;
    listener entrance_;
    std::unique_ptr<fan_out> viewers_;
};

TEST_P(fan_out_test, sessions_that_were_opened_elsewhere_are_viewers_of_the_channels_that_they_chose) {
    viewer_options viewers;
    viewers.lanes = GetParam();
    viewers.max = 2;
    graph.add<receptionist>("server").viewers = viewers;
    receptionist::refused = 0;
    std::map<int, std::vector<std::uint64_t>> numbers;
    for (const int wish : {0, 1, 2}) {  // the third one comes when all places are taken
        add("viewer_" + std::to_string(wish), {.run = [&numbers, wish](scripted& self) -> awaitable<void> {
            co_await self.host.sleep_for(wish * 1ms);
            auto session = co_await self.host.network().dial(server_address);
            const auto word = static_cast<std::uint8_t>(wish % 2);
            (void)co_await session->write(asio::buffer(&word, 1));
            for (;;) {
                const auto body = co_await read_prefixed(*session, any);
                if (!body) break;
                numbers[wish].push_back(number_in(body->span()).value_or(0));
            }
            numbers[wish].push_back(0);
        }});
    }
    run();
    EXPECT_THAT(numbers[0], ElementsAre(1000u, 1u, 2u, 3u, 0u)) << "cut when its channel ended";
    EXPECT_THAT(numbers[1], ElementsAre(1000u, 101u, 102u, 103u, 104u, the_end, 0u));
    EXPECT_THAT(numbers[2], ElementsAre(0u));
    EXPECT_EQ(receptionist::refused, 1);
    ASSERT_THAT(receptionist::shown, SizeIs(2));
    std::ranges::sort(receptionist::shown, {}, &viewer_snapshot::policy);
    EXPECT_EQ(receptionist::shown[0].policy, "drop_oldest, 64 items");
    EXPECT_EQ(receptionist::shown[1].policy, "latest, 1 item");
    EXPECT_THAT(receptionist::shown[0].name, HasSubstr(" (by hand)"));
}

TEST_P(fan_out_test, what_a_drain_ends_hard_leaves_nothing_behind) {
    add_stuck_viewer();
    add_viewer();
    serve({}, [](module_context& host, fan_out& to) -> awaitable<void> {
        co_await publish(host, to, 100, 40'000);
        throw std::runtime_error("broken");
    });
    run([this] {
        world.run_for(2s);
        host->stop_host("test");
    });
    EXPECT_EQ(world.net().open_streams(), 0u);
}

/// Real sockets, real threads.
class fan_out_machine_test : public fan_out_test {
protected:
    static constexpr std::size_t message_size = 20'000;

    struct reader {
        std::thread thread;
        std::vector<std::uint64_t> numbers;
        bool torn = false;
    };

    static void read(std::uint16_t port, std::size_t most, reader& into) {
        auto peer = test::raw_peer::connect_to(port);
        while (into.numbers.size() < most) {
            const auto prefix = peer.receive(8);
            if (prefix.size() < 8) break;
            std::uint64_t size = 0;
            std::memcpy(&size, prefix.data(), 8);
            const auto body = peer.receive(size);
            const auto number = number_in(std::as_bytes(std::span(body.data(), body.size())));
            if (!number || body.size() != size) into.torn = true;
            into.numbers.push_back(number.value_or(0));
        }
    }

    std::uint16_t port() const { return static_cast<std::uint16_t>(net_address::parse(host->snapshot().addresses.at(0).bound)->port); }

    machine_world machine;
};

INSTANTIATE_TEST_SUITE_P(, fan_out_machine_test, ::testing::Values(0u, 1u, 2u),
                         [](const auto& which) { return "lanes_" + std::to_string(which.param); });

TEST_P(fan_out_machine_test, viewers_come_and_go_while_others_miss_nothing) {
    publisher::address = "127.0.0.1:0";
    constexpr std::size_t stay = 70, come_and_go = 30;  // enough of them for the file
    std::atomic<bool> all_here = false;
    viewer_options viewers;
    viewers.max = 1000;
    viewers.sendfile = GetParam() % 2 == 0;
    viewers.queue.items = 1000;
    serve(viewers, [&](module_context& host, fan_out& to) -> awaitable<void> {
        while (to.viewers() < stay) co_await host.sleep_for(1ms);
        all_here = true;
        co_await publish(host, to, 100, message_size);
    });
    std::vector<reader> readers(stay + come_and_go);
    std::thread starter;
    host.emplace(graph.plan(), machine);
    const int status = host->run([&] {
        const auto at = port();
        for (std::size_t i = 0; i < readers.size(); ++i) {
            readers[i].thread = std::thread([&, i, at] {
                if (i < stay) {
                    read(at, 1'000'000, readers[i]);
                } else {
                    while (!all_here) std::this_thread::yield();
                    read(at, 10, readers[i]);
                }
            });
        }
    });
    EXPECT_EQ(status, 0);
    for (auto& each : readers) each.thread.join();
    for (std::size_t i = 0; i < readers.size(); ++i) {
        EXPECT_FALSE(readers[i].torn);
        if (i < stay) {
            EXPECT_EQ(readers[i].numbers, up_to(100)) << i;
        }
    }
}

}  // namespace
}  // namespace streamhost
