#include "relay_stage.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <utility>

namespace streamhost::relay {
namespace {

using namespace std::chrono_literals;
using test::picture_message;
using test::relayed;
using test::serving;
using test::to_text;
using test::viewing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr auto framed_wire = tcp_wire::framed;
constexpr auto pickle_wire = tcp_wire::pickle;

/// The parameters: the wire, and how many lanes the viewers have of their own.
class relay_test : public test::relay_stage, public ::testing::WithParamInterface<std::tuple<tcp_wire, std::uint32_t>> {
protected:
    relay_test() : relay_stage(std::get<1>(GetParam())) {}

    static tcp_wire wire() { return std::get<0>(GetParam()); }

    /// Every message from its first one on, as it was sent.
    static void expect_passed(const viewing& viewer, const serving& drone) {
        ASSERT_FALSE(viewer.messages.empty());
        std::vector<std::string> sent;
        for (const auto& each : drone.sent) sent.push_back(relayed(wire(), each));
        auto from = std::ranges::find(sent, viewer.messages.front());
        ASSERT_NE(from, sent.end());
        ASSERT_LE(viewer.messages.size(), static_cast<std::size_t>(sent.end() - from));
        EXPECT_TRUE(std::ranges::equal(viewer.messages, std::ranges::subrange(from, from + std::ssize(viewer.messages))));
    }

    std::string number(int which) const { return relayed(wire(), picture_message(wire(), which)); }
};

INSTANTIATE_TEST_SUITE_P(, relay_test,
                         ::testing::Combine(::testing::Values(framed_wire, pickle_wire), ::testing::Values(0u, 2u)),
                         [](const auto& which) {
                             const auto* const wire = std::get<0>(which.param) == pickle_wire ? "pickle" : "framed";
                             return fmt::format("{}_lanes_{}", wire, std::get<1>(which.param));
                         });

TEST_P(relay_test, the_fiftieth_viewer_gets_what_the_first_gets) {
    add_relay(wire());
    auto& drone = add_drone(wire());
    for (int i = 0; i < 50; ++i) add_viewer(wire(), 1s + i * 10ms);
    run([&] {
        pass(11s);
        EXPECT_EQ(metric("viewers"), 50);
    });
    EXPECT_EQ(drone.sessions, 1) << "it serves one";
    for (const auto& each : viewers) {
        EXPECT_GE(each.messages.size(), 95u);
        expect_passed(each, drone);
    }
}

TEST_P(relay_test, viewers_stay_while_the_server_is_away_and_see_it_come_back) {
    add_relay(wire());
    serving first, second{.first = 1001};
    act("drone", [&](module_context& host) -> awaitable<void> { co_await serve(host, wire(), first, 5s); });
    act("drone_again", [&](module_context& host) -> awaitable<void> {
        co_await host.sleep_for(20s);
        co_await serve(host, wire(), second);
    });
    const auto& viewer = add_viewer(wire());
    const auto& newcomer = add_viewer(wire(), 10s);
    run([&] {
        pass(19s);
        EXPECT_THAT(condition(), HasSubstr("no stream from 127.0.0.1:9999"));
        EXPECT_THAT(newcomer.messages, IsEmpty());
        pass(31s);
        EXPECT_EQ(condition(), "");
        EXPECT_FALSE(viewer.ended) << viewer.ending;
        EXPECT_FALSE(newcomer.ended) << newcomer.ending;
    });
    EXPECT_GT(viewer.messages.size(), newcomer.messages.size());
    EXPECT_GT(newcomer.messages.size(), 150u) << "it came back within the longest delay";
    EXPECT_TRUE(std::ranges::equal(newcomer.messages, std::span(viewer.messages).last(newcomer.messages.size())));
    expect_passed(newcomer, second);
}

TEST_P(relay_test, a_late_viewer_gets_the_last_message_at_once) {
    add_relay(wire(), {{"stale", 60'000}});
    add_drone(wire(), {.period = 50s});
    const auto& viewer = add_viewer(wire(), 30s);
    const auto began = world.time().now();
    run([&] { pass(31s); });
    ASSERT_THAT(viewer.messages, ElementsAre(number(1)));
    EXPECT_LT(viewer.times[0] - began, 30s + 10ms);
}

TEST_P(relay_test, what_is_stale_is_not_shown_to_who_comes_as_if_it_were_live) {
    add_relay(wire());
    add_drone(wire(), {.period = 10s});
    const auto& first = add_viewer(wire());
    const auto& viewer = add_viewer(wire(), 5s);
    const auto began = world.time().now();
    run([&] {
        pass(1900ms);
        EXPECT_EQ(metric("stale"), 0);
        EXPECT_EQ(condition(), "");
        pass(200ms);
        EXPECT_EQ(metric("stale"), 1);
        EXPECT_EQ(condition(), "stale: nothing from 127.0.0.1:9999 for 2000 ms");
        pass(4s);
        EXPECT_THAT(first.messages, ElementsAre(number(1))) << "no bytes say it";
        EXPECT_THAT(viewer.messages, IsEmpty());
        pass(5s);
        EXPECT_EQ(metric("stale"), 0) << "live again";
        EXPECT_EQ(condition(), "");
    });
    ASSERT_THAT(viewer.messages, ElementsAre(number(2)));
    EXPECT_GE(viewer.times[0] - began, 10s);
}

TEST_P(relay_test, an_idle_relay_on_demand_has_no_session_upstream) {
    add_relay(wire(), {{"on_demand", true}});
    auto& drone = add_drone(wire());
    const auto& first = add_viewer(wire(), 60s, 10s);
    const auto& soon = add_viewer(wire(), 73s, 10s);
    const auto& later = add_viewer(wire(), 200s, 10s);
    const auto began = world.time().now();
    run([&] {
        pass(59s);
        EXPECT_EQ(drone.sessions, 0);
        EXPECT_EQ(condition(), "") << "nobody wants it: nothing is wrong";
        pass(40s);
        EXPECT_EQ(drone.sessions, 1);
        ASSERT_TRUE(drone.left);
        EXPECT_GT(*drone.left - began, 88s - 100ms);
        EXPECT_LT(*drone.left - began, 88s + 300ms) << "a linger after the last viewer";
        EXPECT_EQ(metric("stale"), 0);
        pass(111s);
        EXPECT_EQ(drone.sessions, 2);
    });
    for (const auto* each : {&first, &soon, &later}) EXPECT_GE(each->messages.size(), 95u);
    ASSERT_FALSE(first.times.empty());
    EXPECT_LT(first.times[0] - began, 60s + 150ms);
    expect_passed(later, drone);
}

TEST_P(relay_test, the_end_of_the_host_is_an_end_for_viewers) {
    add_relay(wire());
    add_drone(wire());
    const auto& viewer = add_viewer(wire());
    run([&] {
        pass(5s);
        EXPECT_FALSE(viewer.ended);
    });
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(viewer.ended);
    EXPECT_EQ(viewer.ending, wire() == framed_wire ? "the stream has ended: the server stops"
                                                   : make_error_code(errc::end_of_stream).message());
    EXPECT_EQ(world.net().open_streams(), 0u);
}

TEST_P(relay_test, a_viewer_that_takes_nothing_costs_the_others_nothing) {
    add_relay(wire());
    auto& drone = add_drone(wire(), {.period = 1ms});
    std::optional<stream> held;
    act("stuck", [&](module_context& host) -> awaitable<void> {
        co_await host.sleep_for(1s);
        auto session = co_await host.network().dial(test::relay_address);
        if (!session) co_return;
        if (wire() == framed_wire) {
            std::string refusal;
            framed::hello hello;
            (void)co_await open_framed(*session, std::move(hello), refusal, 2s);
        }
        held = std::move(*session);
    });
    const auto& viewer = add_viewer(wire());
    run([&] { pass(20s); });
    held.reset();
    EXPECT_EQ(metric("viewers_stalled"), 1);
    EXPECT_GT(metric("viewer_messages_dropped"), 1000);
    EXPECT_GT(viewer.messages.size(), 15'000u);
    expect_passed(viewer, drone);
}

/// A consumer in the relay's own host.
template <class T>
class sink final : public module {
public:
    static inline std::vector<message<T>> got;

    static module_info describe() {
        return streamhost::describe<sink>("test.sink", "keeps what comes").template input<T>("in", "anything");
    }
    explicit sink(module_context& host) : in_(host.input<T>("in")) {}

    awaitable<void> run() override {
        for (;;) {
            auto next = co_await in_.next();
            if (!next) break;
            got.push_back(std::move(next));
        }
    }

private:
    input<T> in_;
};

TEST_P(relay_test, its_output_gives_what_it_passes_and_a_link_drops_what_its_input_does_not_take) {
    sink<video_frame>::got.clear();
    sink<text>::got.clear();
    add_relay(wire(), {{"on_demand", true}});
    relays.add<sink<video_frame>>("frames");
    relays.add<sink<text>>("lines");
    relays.link("relay.messages", "frames.in", usual_queue(queue_policy::latest));
    relays.link("relay.messages", "lines.in", usual_queue(queue_policy::latest));
    add_drone(wire());
    run([&] {
        pass(10s);
        EXPECT_EQ(metric("sessions_opened"), 1) << "a link views";
    });
    const auto& got = sink<video_frame>::got;
    ASSERT_GE(got.size(), 90u);
    EXPECT_EQ(got[9]->width, 4);
    EXPECT_EQ(to_text(got[9]->pixels.span()), to_text(test::numbered_frame(10).pixels.span()));
    if (wire() == framed_wire) {
        EXPECT_EQ(got[9].header().sequence, 10);
        EXPECT_EQ(got[9].header().steady_ns, 1010);
        EXPECT_EQ(got[9].header().hops, 1);
    }
    EXPECT_THAT(sink<text>::got, IsEmpty());
    const auto links = relay_host->snapshot().links;
    ASSERT_EQ(links.size(), 2u);
    EXPECT_EQ(links[1].accepted, 0);
    EXPECT_THAT(links[1].dropped, ::testing::Contains(std::pair<std::string, std::uint64_t>("unfit", got.size())));
    sink<video_frame>::got.clear();
}

TEST(stream_relay_check, a_relay_of_itself_is_refused) {
    const stream_relay_settings circle{.upstream = "127.0.0.1:9999", .listen = "127.0.0.1:9999"};
    EXPECT_THROW(stream_relay::check(circle), setting_error);
}

// Pickles.

std::string with_prefix(const std::string& body) { return to_text(length_prefix::encode(body.size())) + body; }

struct corpus {
    std::vector<std::string> good;     ///< of the grammar, and no None
    std::vector<std::string> refused;  ///< outside of it
};

corpus read_corpus() {
    corpus all;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(STREAMHOST_FUZZ_FOLDER "/corpus/pickle")) {
        files.push_back(entry.path());
    }
    std::ranges::sort(files);
    for (const auto& path : files) {
        std::ifstream file(path, std::ios::binary);
        const std::string content{std::istreambuf_iterator<char>(file), {}};
        const auto name = path.filename().string();
        if (name.starts_with("refused_")) {
            all.refused.push_back(content);
        } else if (!name.starts_with("none_") && !name.starts_with("bytes_empty_")) {
            all.good.push_back(content);
        }
    }
    return all;
}

class pickle_relay_test : public test::relay_stage {
protected:
    pickle_relay_test() {
        add_relay(pickle_wire).viewers.queue = {.policy = queue_policy::drop_oldest, .items = 4096};
    }

    /// A server that says something else each time that it is dialled, `pause` after that.
    void say(const std::vector<std::string>& sessions, duration pause = 0ms) {
        act("drone", [this, sessions, pause](module_context& host) -> awaitable<void> {
            auto entrance = co_await host.network().listen(test::upstream_address);
            for (const auto& words : sessions) {
                auto session = co_await entrance.accept();
                if (!session) co_return;
                ++served;
                co_await host.sleep_for(pause);
                (void)co_await session->write(asio::buffer(words), 10s);
                const drain_state::watch on_drain(host.drain(), [&] { session->close(); });
                std::array<std::byte, 64> ignored;
                const auto got = co_await session->read_some(ignored, 10s);
                closed += got || got.error() == errc::timed_out ? 0 : 1;
            }
        });
    }

    std::size_t served = 0;
    std::size_t closed = 0;  ///< sessions that the relay has ended
};

TEST_F(pickle_relay_test, every_pickle_of_the_grammar_leaves_as_it_came) {
    const auto pickles = read_corpus().good;
    ASSERT_GT(pickles.size(), 100u);
    std::string words;
    std::vector<std::string> expected;
    for (const auto& each : pickles) {
        words += with_prefix(each);
        expected.push_back(with_prefix(each));
    }
    say({words}, 1s);
    const auto& viewer = add_viewer(pickle_wire, 10ms);
    run([&] { pass(9s); });
    EXPECT_EQ(viewer.messages, expected);
    EXPECT_EQ(metric("sessions_opened"), 1);
}

TEST_F(pickle_relay_test, an_exploit_ends_the_session_and_reaches_nobody) {
    const auto exploits = read_corpus().refused;
    ASSERT_GT(exploits.size(), 100u);
    const auto good = picture_message(pickle_wire, 1);
    std::vector<std::string> sessions;
    for (const auto& each : exploits) sessions.push_back(good + with_prefix(each) + picture_message(pickle_wire, 2));
    say(sessions);
    const auto& viewer = add_viewer(pickle_wire, 10ms);
    run([&] {
        pass(1h);
        EXPECT_FALSE(viewer.ended);
    });
    EXPECT_EQ(served, exploits.size());
    EXPECT_EQ(closed, exploits.size());
    EXPECT_GE(viewer.messages.size(), exploits.size() - 1) << "it may have come after the first";
    for (const auto& each : viewer.messages) ASSERT_EQ(each, good);
}

TEST_F(pickle_relay_test, None_is_no_message) {
    const std::string none("\x80\x04N.", 4);
    say({with_prefix(none) + with_prefix(none) + picture_message(pickle_wire, 1) + with_prefix(none)});
    const auto& viewer = add_viewer(pickle_wire, 10ms);
    run([&] {
        pass(1s);
        EXPECT_EQ(condition(), "");
        pass(8s);
        EXPECT_THAT(condition(), StartsWith("stale: "));
    });
    EXPECT_THAT(viewer.messages, ElementsAre(picture_message(pickle_wire, 1)));
    EXPECT_EQ(metric("messages_empty"), 3);
    EXPECT_EQ(metric("messages_received"), 1);
}

TEST_F(pickle_relay_test, sound_that_has_ended_is_no_flood) {
    const auto block = to_text(to_pickle_message(pickle::write_bytes(shared_bytes::adopt(std::string("abcd")))));
    const auto nothing = to_text(to_pickle_message(pickle::write_bytes({})));
    std::string flood = block;
    for (int i = 0; i < 100; ++i) flood += nothing;
    say({flood, flood});
    const auto& viewer = add_viewer(pickle_wire, 10ms);
    run([&] {
        pass(100ms);
        EXPECT_THAT(condition(), HasSubstr("the stream has ended"));
    });
    for (const auto& each : viewer.messages) EXPECT_EQ(each, block);
}

// Framed messages.

/// What it is to carry, all different from what a header has by itself.
framed::message odd_message(framed::message_type type, std::string payload) {
    framed::message made;
    made.head.type = type;
    made.head.flags = 0x8000'0001;
    made.head.hops = 2;
    made.head.source.boot.fill(std::byte{0x42});
    made.head.source.instance = 77;
    made.head.epoch = 5;
    made.head.sequence = 1ULL << 40;
    made.head.steady_ns = -3;
    made.head.wall_ns = 1'700'000'000'000'000'000;
    made.head.format.fill(std::byte{9});
    made.payload = shared_bytes::adopt(std::move(payload));
    return made;
}

std::string as_sent(const framed::message& message) {
    const auto pieces = framed::forward(message.head, message.payload);
    return to_text(pieces.prefix.span()) + to_text(pieces.body.span());
}

class framed_relay_test : public test::relay_stage {
protected:
    /// Answers, says `words` once a viewer has had the time to come, and lets nobody else in.
    void say(std::string words, framed::answer answer = {}) {
        act("drone", [words, answer](module_context& host) -> awaitable<void> {
            auto entrance = co_await host.network().listen(test::upstream_address);
            auto session = co_await entrance.accept();
            if (!session) co_return;
            const drain_state::watch on_drain(host.drain(), [&] { session->close(); });
            (void)co_await take_hello(*session, 2s);
            auto accepted = answer;
            accepted.accepted = true;
            (void)co_await answer_framed(*session, std::move(accepted), 2s);
            co_await host.sleep_for(1s);
            (void)co_await session->write(asio::buffer(words), 2s);
            std::array<std::byte, 64> ignored;
            for (bool alive = true; alive;) {
                const auto got = co_await session->read_some(ignored);
                alive = got.has_value();
            }
            while (!host.draining()) co_await host.sleep_for(1h);
        });
    }
    plan_instance& add_patient_relay() {
        auto& relay = add_relay(framed_wire);
        relay.viewers.queue = {.policy = queue_policy::drop_oldest, .items = 100};
        return relay;
    }
};

TEST_F(framed_relay_test, only_the_hops_of_a_header_change) {
    add_patient_relay();
    const auto later = static_cast<framed::message_type>(20);
    std::string words;
    std::vector<std::string> expected;
    for (const auto type : {framed::message_type::user, framed::message_type::record, later}) {
        auto message = odd_message(type, "any payload: nobody looks at it");
        words += as_sent(message);
        message.head.hops = 3;
        expected.push_back(as_sent(message));
    }
    say(words);
    const auto& viewer = add_viewer(framed_wire, 500ms);
    run([&] { pass(3s); });
    EXPECT_EQ(viewer.messages, expected);
}

TEST_F(framed_relay_test, what_belongs_to_a_session_is_not_passed_on) {
    add_patient_relay();
    const auto later = static_cast<framed::message_type>(40);
    say(as_sent(odd_message(later, "something")) + as_sent(odd_message(framed::message_type::any, "")) +
        picture_message(framed_wire, 1));
    const auto& viewer = add_viewer(framed_wire, 500ms);
    run([&] { pass(3s); });
    EXPECT_THAT(viewer.messages, ElementsAre(relayed(framed_wire, picture_message(framed_wire, 1))));
}

TEST_F(framed_relay_test, the_end_of_the_stream_upstream_is_none_for_viewers) {
    add_patient_relay();
    framed::end_of_stream end{.text = "that was all"};
    say(picture_message(framed_wire, 1) + to_text(to_framed_message({}, end)));
    const auto& viewer = add_viewer(framed_wire, 500ms);
    run([&] {
        pass(1100ms);
        EXPECT_EQ(condition(), "no stream from 127.0.0.1:9999: that was all");
        pass(3s);
        EXPECT_THAT(condition(), StartsWith("stale: no stream from 127.0.0.1:9999: "));
        EXPECT_FALSE(viewer.ended) << viewer.ending;
    });
    EXPECT_EQ(viewer.messages.size(), 1u);
}

TEST_F(framed_relay_test, viewers_are_told_name_and_type_as_soon_as_they_are_known) {
    add_relay(framed_wire);
    serving what;
    what.answer.stream = "front";
    act("drone", [&](module_context& host) -> awaitable<void> {
        co_await host.sleep_for(5s);
        co_await serve(host, framed_wire, what);
    });
    const auto& early = add_viewer(framed_wire);
    const auto& late = add_viewer(framed_wire, 30s);
    viewing by_name, by_wrong_name;
    act("by_name", [&](module_context& host) -> awaitable<void> { co_await view(host, framed_wire, by_name, 30s, 24h, "front"); });
    act("by_wrong_name", [&](module_context& host) -> awaitable<void> {
        co_await view(host, framed_wire, by_wrong_name, 30s, 24h, "rear");
    });
    run([&] { pass(40s); });
    EXPECT_EQ(early.answer.type, framed::message_type::any);
    EXPECT_EQ(early.answer.stream, "");
    EXPECT_EQ(late.answer.type, framed::message_type::video_frame);
    EXPECT_EQ(late.answer.stream, "front");
    for (const viewing* each : {&early, &late, &std::as_const(by_name)}) EXPECT_FALSE(each->messages.empty());
    EXPECT_THAT(by_wrong_name.ending, HasSubstr("only \"front\""));
}

TEST_F(framed_relay_test, a_name_of_its_own_is_what_it_asks_for_and_what_it_is_asked_for) {
    add_relay(framed_wire, {{"stream", "front"}, {"on_demand", true}});
    std::string asked;
    act("drone", [&](module_context& host) -> awaitable<void> {
        auto entrance = co_await host.network().listen(test::upstream_address);
        auto session = co_await entrance.accept();
        if (!session) co_return;
        const auto hello = co_await take_hello(*session, 2s);
        if (hello) asked = hello->stream;
    });
    viewing viewer;
    act("viewer", [&](module_context& host) -> awaitable<void> { co_await view(host, framed_wire, viewer, 1s, 24h, "front"); });
    run([&] { pass(3s); });
    EXPECT_EQ(asked, "front");
    EXPECT_EQ(viewer.answer.stream, "front") << "also before anything is known from upstream";
}

TEST_F(framed_relay_test, a_type_that_this_host_does_not_know_passes_and_is_counted_at_the_output) {
    sink<bytes>::got.clear();
    add_patient_relay();
    relays.add<sink<bytes>>("bytes");
    relays.link("relay.messages", "bytes.in");
    const framed::user_value value{"soil.reading", 2, shared_bytes::adopt(std::string("data"))};
    const auto user = to_text(to_framed_message({}, value));
    const auto plain = to_text(to_framed_message({}, bytes{shared_bytes::adopt(std::string("plain"))}));
    framed::answer answer;
    answer.type = framed::message_type::user;
    answer.user_type = "soil.reading";
    answer.user_version = 2;
    say(user + plain, answer);
    const auto& viewer = add_viewer(framed_wire, 500ms);
    run([&] { pass(3s); });
    EXPECT_THAT(viewer.messages, ElementsAre(relayed(framed_wire, user), relayed(framed_wire, plain)));
    EXPECT_EQ(viewer.answer.user_type, "soil.reading");
    EXPECT_EQ(viewer.answer.user_version, 2);
    ASSERT_EQ(sink<bytes>::got.size(), 1u);
    EXPECT_EQ(sink<bytes>::got[0]->data.as_text(), "plain");
    EXPECT_EQ(metric("messages_unreadable"), 1);
    sink<bytes>::got.clear();
}

TEST_F(framed_relay_test, four_relays_in_a_row_are_enough) {
    const auto port = [](int which) { return "127.0.0.1:" + std::to_string(which); };
    for (int i = 0; i < 5; ++i) {
        add_relay(framed_wire, {{"upstream", port(9999 - i)}, {"listen", port(9998 - i)}}, "relay_" + std::to_string(i + 1));
    }
    add_drone(framed_wire);
    viewing fourth, fifth;
    act("fourth", [&](module_context& host) -> awaitable<void> { co_await view(host, framed_wire, fourth, 1s, 24h, {}, port(9995)); });
    act("fifth", [&](module_context& host) -> awaitable<void> { co_await view(host, framed_wire, fifth, 1s, 24h, {}, port(9994)); });
    run([&] {
        pass(30s);
        EXPECT_THAT(condition("relay_5"), HasSubstr("has passed 4 relays"));
        EXPECT_FALSE(fifth.ended);
    });
    EXPECT_GT(fourth.messages.size(), 100u);
    EXPECT_THAT(fifth.messages, IsEmpty());
}

TEST_F(framed_relay_test, two_relays_that_view_each_other_end_the_circle) {
    add_relay(framed_wire, {{"stale", 10'000}});
    serving what{.count = 1};
    act("drone", [&](module_context& host) -> awaitable<void> { co_await serve(host, framed_wire, what, 1s); });
    streamhost::test::plan_builder other("other");
    other.add<stream_relay>("other", {{"upstream", test::relay_address}, {"listen", test::upstream_address}});
    run([&] {
        pass(1500ms);
        host_runtime second(other.plan(), world.add_host());
        second.run([&] {
            pass(60s);
            const auto before = metric("messages_received");
            EXPECT_GT(before, 1) << "it came round";
            EXPECT_LT(before, 50);
            pass(60s);
            EXPECT_EQ(metric("messages_received"), before) << "and it is gone";
            second.stop_host("test");
        });
    });
}

// Sessions that end anywhere.

struct cut {
    tcp_wire wire;
    bool stalls;
};

class cut_relay_test : public test::relay_stage, public ::testing::WithParamInterface<cut> {};

INSTANTIATE_TEST_SUITE_P(, cut_relay_test,
                         ::testing::Values(cut{framed_wire, false}, cut{framed_wire, true}, cut{pickle_wire, false},
                                           cut{pickle_wire, true}),
                         [](const auto& which) {
                             return std::string(which.param.wire == pickle_wire ? "pickle" : "framed") +
                                    (which.param.stalls ? "_stalls" : "_ends");
                         });

TEST_P(cut_relay_test, at_every_byte_of_a_servers_words_is_left_in_time_and_dialled_again) {
    const auto wire = GetParam().wire;
    std::string words = picture_message(wire, 1);
    if (wire == framed_wire) {
        framed::answer answer;
        answer.accepted = true;
        words = to_text(framed::encode(answer)) + words;
    }
    add_relay(wire);
    std::vector<duration> lasted;
    act("drone", [&](module_context& host) -> awaitable<void> {
        auto entrance = co_await host.network().listen(test::upstream_address);
        for (std::size_t count = 0; count <= words.size(); ++count) {
            auto session = co_await entrance.accept();
            if (!session) break;
            (void)co_await session->write(asio::buffer(words.data(), count));
            if (!GetParam().stalls) session->finish();
            const auto began = host.clock().now();
            std::array<std::byte, 256> ignored;
            for (bool alive = true; alive;) {
                const auto got = co_await session->read_some(ignored, 1h);
                alive = got.has_value();
            }
            lasted.push_back(host.clock().now() - began);
        }
    });
    const auto& viewer = add_viewer(wire);
    run([&] {
        pass(4h);
        EXPECT_FALSE(viewer.ended) << viewer.ending;
    });
    const duration limit = !GetParam().stalls ? 1s : wire == pickle_wire ? 30s : 15s;
    ASSERT_EQ(lasted.size(), words.size() + 1);
    for (std::size_t count = 0; count < lasted.size(); ++count) EXPECT_LE(lasted[count], limit + 1ms) << "after " << count;
    EXPECT_THAT(viewer.messages, ElementsAre(relayed(wire, picture_message(wire, 1))));
}

}  // namespace
}  // namespace streamhost::relay
