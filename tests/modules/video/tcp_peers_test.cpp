#include "support/simulated_host.hpp"
#include "tcp_client.hpp"
#include "tcp_server.hpp"

#include <streamhost/message_stream.hpp>
#include <streamhost/wire/length_prefix.hpp>

#include <gmock/gmock.h>

#include <array>
#include <functional>
#include <list>
#include <optional>
#include <vector>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using test::plan_builder;
using ::testing::HasSubstr;

constexpr const char* serving_at = "127.0.0.1:9999";

/// Pictures of one byte value, ten a second.
class plain_frames final : public module {
public:
    static module_info describe() {
        return streamhost::describe<plain_frames>("test.plain", "gray pictures").output<video_frame>("frames", "gray");
    }
    explicit plain_frames(module_context& host) : host_(host), frames_(host.output<video_frame>("frames")) {}

    awaitable<void> run() override {
        co_await host_.sleep_for(begins_after);
        auto beat = host_.every(100ms);
        for (bool go_on = co_await beat.next(); go_on; go_on = co_await beat.next()) {
            co_await frames_.send(gray());
            if (once) break;
        }
        while (!host_.draining()) co_await host_.sleep_for(1h);
    }

    static video_frame gray() {
        return {64, 48, pixel_format::bgr8, shared_bytes::adopt(std::vector<std::byte>(64 * 48 * 3, std::byte{128}))};
    }
    static inline bool once = false;
    static inline duration begins_after{};

private:
    module_context& host_;
    output<video_frame> frames_;
};

/// Notes the headers of what arrives, and when.
class header_notes final : public module {
public:
    struct note {
        message_header header;
        std::int64_t at_ns;
    };
    static inline std::vector<note>* notes = nullptr;

    static module_info describe() {
        return streamhost::describe<header_notes>("test.notes", "notes headers").input<video_frame>("frames", "any");
    }
    explicit header_notes(module_context& host) : host_(host), frames_(host.input<video_frame>("frames")) {}

    awaitable<void> run() override {
        for (;;) {
            const auto frame = co_await frames_.next();
            if (!frame) break;
            notes->push_back({frame.header(), host_.clock().steady_ns()});
        }
    }

private:
    module_context& host_;
    input<video_frame> frames_;
};

/// A peer whose behaviour the test writes down.
class peer final : public module {
public:
    static inline std::function<awaitable<void>(module_context&)> script;

    static module_info describe() { return streamhost::describe<peer>("test.peer", "does what a test says").listens(); }
    explicit peer(module_context& host) : host_(host) {}

    awaitable<void> run() override {
        co_await script(host_);
        while (!host_.draining()) co_await host_.sleep_for(1h);
    }

private:
    module_context& host_;
};

/// Several hosts of one simulated world; each runs from the moment it is added.
class tcp_peers_test : public ::testing::Test {
protected:
    tcp_peers_test() {
        header_notes::notes = &notes;
        plain_frames::once = false;
        plain_frames::begins_after = {};
    }

    static plan_builder server_plan(viewer_options viewers = {}, const char* wire = "framed") {
        plan_builder plan("server");
        plan.add<plain_frames>("source");
        plan.add<tcp_server>("server", {{"listen", serving_at}, {"wire", wire}}).viewers = viewers;
        plan.link("source.frames", "server.frames", usual_queue(queue_policy::latest));
        return plan;
    }
    static plan_builder viewer_plan(const char* from = serving_at, const char* wire = "framed") {
        plan_builder plan("viewer");
        plan.add<tcp_client>("client", {{"connect", from}, {"wire", wire}});
        plan.add<header_notes>("notes");
        plan.link("client.frames", "notes.frames", usual_queue(queue_policy::latest));
        return plan;
    }
    static plan_builder peer_plan(std::function<awaitable<void>(module_context&)> script) {
        peer::script = std::move(script);
        plan_builder plan("peer");
        plan.add<peer>("peer");
        return plan;
    }

    /// Runs the hosts inside each other on the test's thread; the innermost lets `span` pass.
    void run(std::vector<plan_builder> plans, duration span) {
        after.resize(plans.size());
        run_from(plans, 0, span);
    }

    std::uint64_t metric(std::size_t host, std::string_view instance, std::string_view name) const {
        for (const auto& each : after[host].instances) {
            if (each.name != instance) continue;
            for (const auto& one : each.metrics) {
                if (one.name == name) return one.value;
            }
        }
        ADD_FAILURE() << "no metric " << name << " of " << instance;
        return 0;
    }

    std::vector<header_notes::note> notes;
    std::vector<host_snapshot> before_end;  // of the hosts, when the time was up
    std::vector<host_snapshot> after;
    simulation world{1};

private:
    void run_from(const std::vector<plan_builder>& plans, std::size_t index, duration span) {
        host_runtime host(plans[index].plan(), world.add_host());
        running_.push_back(&host);
        host.run([&] {
            if (index + 1 < plans.size()) {
                run_from(plans, index + 1, span);
            } else {
                world.run_for(span);
                for (const auto* each : running_) before_end.push_back(each->snapshot());
            }
            host.stop_host("test");
        });
        after[index] = host.snapshot();
    }

    std::vector<host_runtime*> running_;
};

constexpr receive_limits within_two_seconds{.idle = 2s};

awaitable<result<framed::answer>> say_hello(stream& session) {
    std::string refusal;
    framed::hello hello;
    auto answer = co_await open_framed(session, std::move(hello), refusal, 2s);
    co_return std::move(answer);
}

TEST_F(tcp_peers_test, every_relay_is_one_more_hop) {
    plan_builder relay("relay");
    relay.add<tcp_client>("client", {{"connect", serving_at}, {"wire", "framed"}});
    relay.add<tcp_server>("server", {{"listen", "127.0.0.1:9998"}, {"wire", "framed"}});
    relay.link("client.frames", "server.frames", usual_queue(queue_policy::latest));
    run({server_plan(), std::move(relay), viewer_plan("127.0.0.1:9998")}, 5s);
    ASSERT_FALSE(notes.empty());
    EXPECT_EQ(notes.back().header.hops, 2) << "from the source to the relay, and on to the viewer";
}

TEST_F(tcp_peers_test, two_relays_that_view_each_other_end_the_circle) {
    plain_frames::once = true;
    auto relay = [](const char* name, const char* at, const char* from, bool with_source) {
        plan_builder plan(name);
        plan.add<tcp_client>("client", {{"connect", from}, {"wire", "framed"}});
        plan.add<tcp_server>("server", {{"listen", at}, {"wire", "framed"}});
        plan.link("client.frames", "server.frames", usual_queue(queue_policy::latest));
        if (with_source) {
            plan.add<plain_frames>("source");
            plan.link("source.frames", "server.frames", usual_queue(queue_policy::latest));
        }
        return plan;
    };
    run({relay("one", serving_at, "127.0.0.1:9998", true), relay("other", "127.0.0.1:9998", serving_at, false)}, 60s);
    EXPECT_GT(metric(1, "client", "messages_received"), 0);
    EXPECT_LT(metric(1, "client", "messages_received"), 100) << "one picture, in a minute";
}

TEST_F(tcp_peers_test, a_hello_that_drips_has_one_deadline_for_all_of_it) {
    duration lasted{};
    run({server_plan(), peer_plan([&](module_context& host) -> awaitable<void> {
             auto session = co_await host.network().dial(serving_at);
             const auto began = host.clock().now();
             const auto hello = framed::encode(framed::hello{});
             for (const auto byte : hello) {
                 co_await host.sleep_for(300ms);
                 const auto sent = co_await session->write(asio::buffer(&byte, 1));
                 if (!sent) break;
                 lasted = host.clock().now() - began;
             }
         })},
        10s);
    EXPECT_LE(lasted, 2100ms);
}

TEST_F(tcp_peers_test, peers_that_connect_and_say_nothing_keep_no_viewer_out) {
    std::list<stream> silent;
    run({server_plan(), peer_plan([&](module_context& host) -> awaitable<void> {
             for (;;) {
                 auto session = co_await host.network().dial(serving_at);
                 if (session) silent.push_back(std::move(*session));
                 if (silent.size() > 100) silent.pop_front();
                 const bool go_on = co_await host.sleep_for(10ms);
                 if (!go_on) break;
             }
             silent.clear();
         }),
         viewer_plan()},
        10s);
    EXPECT_GT(notes.size(), 80);
    EXPECT_EQ(metric(0, "server", "viewers_turned_away"), 0);
}

TEST_F(tcp_peers_test, who_is_turned_away_is_told_why) {
    run({server_plan({.max = 0}), viewer_plan()}, 5s);
    EXPECT_THAT(before_end[1].instances[0].condition, HasSubstr("all 0 places for viewers are taken"));
    EXPECT_GT(metric(0, "server", "viewers_turned_away"), 0);
}

/// Accepts for ever and lets `serve` do the rest.
awaitable<void> accept_all(module_context& host, std::function<awaitable<void>(module_context&, stream&)> serve) {
    auto entrance = co_await host.network().listen(serving_at);
    for (;;) {
        auto session = co_await entrance.accept();
        if (!session) break;
        co_await serve(host, *session);
    }
}

TEST_F(tcp_peers_test, a_framed_server_that_falls_silent_is_left_and_dialled_again) {
    run({peer_plan([](module_context& host) -> awaitable<void> {
             co_await accept_all(host, [](module_context& at, stream& session) -> awaitable<void> {
                 (void)co_await take_hello(session, 2s);
                 framed::answer answer;
                 answer.accepted = true;
                 answer.type = framed::message_type::video_frame;
                 (void)co_await answer_framed(session, std::move(answer), 2s);
                 co_await at.sleep_for(20s);
             });
         }),
         viewer_plan()},
        60s);
    EXPECT_GE(metric(1, "client", "sessions_opened"), 3);
}

TEST_F(tcp_peers_test, a_pickle_server_that_falls_silent_is_left_and_dialled_again) {
    run({peer_plan([](module_context& host) -> awaitable<void> {
             co_await accept_all(host, [](module_context& at, stream&) -> awaitable<void> { co_await at.sleep_for(35s); });
         }),
         viewer_plan(serving_at, "pickle")},
        100s);
    EXPECT_GE(metric(1, "client", "sessions_opened"), 2);
    EXPECT_LE(metric(1, "client", "sessions_opened"), 4);
}

TEST_F(tcp_peers_test, a_viewer_that_asks_without_pause_is_cut) {
    bool cut = false;
    int answers = 0;
    run({server_plan(), peer_plan([&](module_context& host) -> awaitable<void> {
             auto session = co_await host.network().dial(serving_at);
             (void)co_await say_hello(*session);
             for (int i = 0; i < 100; ++i) {
                 auto ping = framed::encode(framed::header{}, framed::ping{});
                 (void)co_await write_framed(*session, std::move(ping), 1s);
                 for (bool answered = false; !answered && !cut;) {
                     const auto message = co_await read_framed(*session, within_two_seconds);
                     cut = !message;
                     answered = message && message->head.type == framed::message_type::pong;
                     answers += answered ? 1 : 0;
                 }
             }
         })},
        10s);
    EXPECT_TRUE(cut);
    EXPECT_LE(answers, 20);
}

TEST_F(tcp_peers_test, a_viewer_that_takes_nothing_is_cut_and_counted_and_costs_the_others_nothing) {
    std::optional<stream> held;
    run({server_plan(), viewer_plan(), peer_plan([&](module_context& host) -> awaitable<void> {
             auto session = co_await host.network().dial(serving_at);
             (void)co_await say_hello(*session);
             held = std::move(*session);
         })},
        60s);
    EXPECT_EQ(metric(0, "server", "viewers_stalled"), 1);
    EXPECT_GT(metric(0, "server", "viewer_messages_dropped"), 50);
    EXPECT_GE(notes.size(), 590) << "of ten a second, for a minute";
    held.reset();
}

TEST_F(tcp_peers_test, disconnect_cuts_a_viewer_that_is_too_slow) {
    std::optional<stream> held;
    viewer_options viewers;
    viewers.queue.policy = queue_policy::disconnect;
    viewers.queue.items = 2;
    run({server_plan(viewers), peer_plan([&](module_context& host) -> awaitable<void> {
             auto session = co_await host.network().dial(serving_at);
             (void)co_await say_hello(*session);
             held = std::move(*session);
         })},
        9s);
    EXPECT_EQ(metric(0, "server", "viewers"), 0);
    EXPECT_EQ(metric(0, "server", "viewers_stalled"), 0);
    EXPECT_EQ(metric(0, "server", "viewer_messages_dropped"), 3) << "the two that waited, and the one too many";
    held.reset();
}

TEST_F(tcp_peers_test, the_age_of_a_picture_from_another_machine_is_known_from_its_clock) {
    constexpr std::int64_t ahead_ns = 3'600'000'000'000;  // that machine has been up for an hour longer
    run({peer_plan([](module_context& host) -> awaitable<void> {
             co_await accept_all(host, [](module_context& at, stream& session) -> awaitable<void> {
                 (void)co_await take_hello(session, 2s);
                 framed::header head;
                 head.source.boot.fill(std::byte{0x77});
                 framed::answer answer;
                 answer.accepted = true;
                 answer.type = framed::message_type::video_frame;
                 answer.source = head.source;
                 (void)co_await answer_framed(session, std::move(answer), 2s);
                 const auto request = co_await read_framed(session, within_two_seconds);
                 const auto asked = framed::decode_payload(*request);
                 const auto now_ns = at.clock().steady_ns() + ahead_ns;
                 const framed::pong pong{std::get<framed::ping>(*asked).sent_ns, now_ns, now_ns};
                 auto reply = framed::encode(head, pong);
                 (void)co_await write_framed(session, std::move(reply), 1s);
                 head.steady_ns = now_ns - 5'000'000;
                 auto frame = framed::encode(head, plain_frames::gray());
                 (void)co_await write_framed(session, std::move(frame), 1s);
                 co_await at.sleep_for(1h);
             });
         }),
         viewer_plan()},
        2s);
    ASSERT_EQ(notes.size(), 1);
    const auto age_ns = notes[0].header.age_ns(notes[0].at_ns);
    ASSERT_TRUE(age_ns);
    EXPECT_NEAR(static_cast<double>(*age_ns), 5e6, static_cast<double>(notes[0].header.uncertainty_ns));
    EXPECT_GT(notes[0].header.uncertainty_ns, 0);
}

/// Until the other side lets go of the session.
awaitable<duration> until_closed(module_context& host, stream& session) {
    const auto began = host.clock().now();
    std::array<std::byte, 256> ignored;
    for (;;) {
        const auto count = co_await session.read_some(ignored, 1h);
        if (!count) co_return host.clock().now() - began;
    }
}

/// The size that a message of the wire `pickle` says it has, as soon as it is there; 0 where none comes within `limit`.
awaitable<std::size_t> next_size(stream& session, duration limit) {
    std::array<std::byte, length_prefix::size> prefix;
    const auto read = co_await session.read(prefix, limit);
    if (!read) co_return 0;
    co_return length_prefix::decode(prefix, 1 << 20).value();
}

TEST_F(tcp_peers_test, the_fiftieth_viewer_gets_pictures_like_the_first) {
    constexpr std::size_t everybody = 50;
    std::vector<std::size_t> sizes;
    run({server_plan({}, "pickle"), peer_plan([&](module_context& host) -> awaitable<void> {
             std::vector<stream> sessions;
             for (std::size_t i = 0; i < everybody; ++i) {
                 auto session = co_await host.network().dial(serving_at);
                 if (session) sessions.push_back(std::move(*session));
             }
             for (auto& each : sessions) {
                 const auto size = co_await next_size(each, 1s);
                 sizes.push_back(size);
             }
         })},
        10s);
    EXPECT_EQ(sizes, std::vector<std::size_t>(everybody, to_pickle_message(pickle::write_array(plain_frames::gray())).size() -
                                                             length_prefix::size));
}

TEST_F(tcp_peers_test, nothing_is_sent_before_the_first_picture) {
    // The source has no picture for a minute: no None, no empty array.
    duration silence{};
    auto server = server_plan({}, "pickle");
    plain_frames::begins_after = 1min;
    run({std::move(server), peer_plan([&](module_context& host) -> awaitable<void> {
             const auto began = host.clock().now();
             auto session = co_await host.network().dial(serving_at);
             if (!session) co_return;
             const auto size = co_await next_size(*session, 2min);
             silence = host.clock().now() - began;
             EXPECT_GT(size, 64u * 48 * 3);
         })},
        3min);
    EXPECT_GE(silence, 1min);
}

/// A message that ends at each of its bytes, once with the end of the session and once with nothing more.
struct cut {
    const char* wire;
    bool stalls;
};

class cut_message_test : public tcp_peers_test, public ::testing::WithParamInterface<cut> {
protected:
    /// What a server says first, up to the end of its first picture.
    static std::vector<std::byte> first_words() {
        const video_frame tiny{2, 2, pixel_format::bgr8, shared_bytes::adopt(std::vector<std::byte>(2 * 2 * 3))};
        std::vector<std::byte> all;
        auto add = [&](std::span<const std::byte> more) { all.insert(all.end(), more.begin(), more.end()); };
        if (GetParam().wire == std::string("pickle")) {
            const auto message = to_pickle_message(pickle::write_array(tiny));
            for (const auto& piece : message.pieces) add(piece.span());
        } else {
            framed::answer answer;
            answer.accepted = true;
            answer.type = framed::message_type::video_frame;
            add(framed::encode(answer));
            const auto message = framed::encode(framed::header{}, tiny);
            add(message.prefix.span());
            add(message.body.span());
        }
        return all;
    }
};

INSTANTIATE_TEST_SUITE_P(, cut_message_test,
                         ::testing::Values(cut{"framed", false}, cut{"framed", true}, cut{"pickle", false}, cut{"pickle", true}),
                         [](const auto& which) {
                             return which.param.wire + std::string(which.param.stalls ? "_stalls" : "_ends");
                         });

TEST_P(cut_message_test, at_every_byte_of_a_servers_words_is_left_in_time_and_dialled_again) {
    const auto words = first_words();
    const duration limit = !GetParam().stalls ? 1s : GetParam().wire == std::string("pickle") ? 30s : 15s;
    std::vector<duration> lasted;
    run({peer_plan([&](module_context& host) -> awaitable<void> {
             auto entrance = co_await host.network().listen(serving_at);
             for (std::size_t count = 0; count <= words.size(); ++count) {
                 auto session = co_await entrance.accept();
                 if (!session) break;
                 (void)co_await session->write(asio::buffer(words.data(), count));
                 if (!GetParam().stalls) session->finish();
                 const auto span = co_await until_closed(host, *session);
                 lasted.push_back(span);
             }
         }),
         viewer_plan(serving_at, GetParam().wire)},
        3h);
    ASSERT_EQ(lasted.size(), words.size() + 1);
    for (std::size_t count = 0; count < lasted.size(); ++count) EXPECT_LE(lasted[count], limit + 1ms) << "after " << count;
    EXPECT_EQ(notes.size(), 1) << "the last session brought the whole picture";
}

class cut_hello_test : public tcp_peers_test, public ::testing::WithParamInterface<bool> {};

INSTANTIATE_TEST_SUITE_P(, cut_hello_test, ::testing::Bool(),
                         [](const auto& stalls) { return stalls.param ? "stalls" : "ends"; });

TEST_P(cut_hello_test, at_every_byte_is_left_in_time) {
    framed::hello hello;
    hello.stream = "any";
    const auto words = framed::encode(hello);
    std::vector<duration> lasted;
    run({server_plan(), peer_plan([&](module_context& host) -> awaitable<void> {
             for (std::size_t count = 0; count < words.size(); ++count) {
                 auto session = co_await host.network().dial(serving_at);
                 if (!session) break;
                 (void)co_await session->write(asio::buffer(words.data(), count));
                 if (!GetParam()) session->finish();
                 const auto span = co_await until_closed(host, *session);
                 lasted.push_back(span);
             }
         })},
        10min);
    ASSERT_EQ(lasted.size(), words.size());
    for (std::size_t count = 0; count < lasted.size(); ++count) {
        EXPECT_LE(lasted[count], GetParam() ? duration(2s) : duration(0s)) << "after " << count;
    }
    EXPECT_EQ(metric(0, "server", "viewers"), 0);
}

}  // namespace
}  // namespace streamhost::video
