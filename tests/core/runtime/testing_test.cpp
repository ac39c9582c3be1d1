#include <streamhost/testing.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::harness;

struct echo_settings {
    std::string listen = "127.0.0.1:0";
    std::string upstream;
    std::string prefix;
};

/// Takes lines at its input and at its door, sends them on with a prefix, and repeats what its upstream says.
class echo final : public module {
public:
    static module_info describe() {
        return streamhost::describe<echo, echo_settings>("test.echo", "repeats")
            .setting("listen", &echo_settings::listen, "where to listen").address(address_role::listen)
            .setting("upstream", &echo_settings::upstream, "what to repeat; empty: nothing").address(address_role::peer)
            .setting("prefix", &echo_settings::prefix, "before each line").live()
            .input<text>("in", "lines").optional()
            .output<text>("out", "the same");
    }
    static void check(const echo_settings& chosen) {
        if (chosen.prefix == "bad") throw setting_error("prefix", "expected another one");
    }
    echo(module_context& host, echo_settings chosen)
        : host_(host), chosen_(std::move(chosen)), in_(host.input<text>("in")), out_(host.output<text>("out")),
          sessions_(host.metric("sessions", "that came")) {}

    void reconfigure(const echo_settings& chosen) { chosen_ = chosen; }

    awaitable<void> prepare() override { door_ = co_await host_.network().listen(chosen_.listen); }

    awaitable<void> run() override {
        host_.spawn(serve());
        if (!chosen_.upstream.empty()) host_.spawn(repeat());
        for (;;) {
            const auto line = co_await in_.next();
            if (!line) break;
            co_await say(line->line);
        }
    }

private:
    awaitable<void> say(std::string line) {
        text content{chosen_.prefix + line, {}};
        co_await out_.send(std::move(content));
    }
    awaitable<void> serve() {
        for (;;) {
            auto session = co_await door_.accept();
            if (!session) break;
            sessions_.add();
            host_.spawn(take_all(std::move(*session)));
        }
    }
    awaitable<void> take_all(stream session) {
        const drain_state::watch on_drain(host_.drain(), [&session] { session.close(); });
        std::array<std::byte, 64> piece;
        for (;;) {
            const auto count = co_await session.read_some(piece, 5s);
            if (!count) break;
            co_await say(std::string(reinterpret_cast<const char*>(piece.data()), *count));
        }
    }
    awaitable<void> repeat() {
        backoff pause(100ms, 10s);
        while (!host_.draining()) {
            auto session = co_await host_.network().dial(chosen_.upstream, 1s);
            if (session) {
                pause.reset();
                co_await take_all(std::move(*session));
            }
            co_await host_.sleep_for(pause.next(host_.random()));
        }
    }

    module_context& host_;
    echo_settings chosen_;
    input<text> in_;
    output<text> out_;
    counter& sessions_;
    listener door_;
};

std::vector<std::string> lines_of(harness& of) {
    std::vector<std::string> lines;
    for (const auto& each : of.take<text>("out")) lines.push_back(each->line);
    return lines;
}

TEST(harness, feeds_inputs_and_takes_outputs) {
    harness probe(testing::type<echo>(), R"({ "prefix": "> " })");
    EXPECT_TRUE(probe.feed("in", text{"one", {}}));
    EXPECT_THAT(lines_of(probe), IsEmpty());  // no time has passed
    probe.run_for(0s);
    EXPECT_THAT(lines_of(probe), ElementsAre("> one"));
    EXPECT_THAT(lines_of(probe), IsEmpty());
    EXPECT_EQ(probe.snapshot().state, "running");
    EXPECT_TRUE(probe.drain());
    EXPECT_EQ(probe.snapshot().state, "ended");
}

TEST(harness, an_author_s_slip_gets_a_sentence) {
    harness probe(testing::type<echo>());
    EXPECT_THAT([&] { probe.feed("input", text{}); },
                ::testing::ThrowsMessage<std::logic_error>("there is no input `input` that is linked; there are `in`"));
    EXPECT_THAT([&] { probe.feed("in", record{}); },
                ::testing::ThrowsMessage<std::logic_error>("the input `in` takes text, not record"));
    EXPECT_THAT([&] { probe.take<record>("out"); },
                ::testing::ThrowsMessage<std::logic_error>("the output `out` gives text, not record"));
}

TEST(harness, wrong_settings_are_refused_as_in_a_topology) {
    EXPECT_THAT([] { harness probe(testing::type<echo>(), R"({ "prefx": 1 })"); },
                ::testing::ThrowsMessage<configuration_error>(::testing::HasSubstr("did you mean `prefix`?")));
    EXPECT_THAT([] { harness probe(testing::type<echo>(), R"({ "prefix": "bad" })"); },
                ::testing::ThrowsMessage<configuration_error>("expected another one"));
    EXPECT_THAT([] { harness probe(testing::type<echo>(), R"({ "listen": "nonsense" })"); }, ::testing::Throws<configuration_error>());
}

TEST(harness, has_both_sides_of_a_session) {
    harness probe(testing::type<echo>());
    auto peer = probe.connect("127.0.0.1:0");
    peer.write("hello");
    probe.run_for(10ms);
    EXPECT_THAT(lines_of(probe), ElementsAre("hello"));
    EXPECT_EQ(probe.metric("sessions"), 1u);
    EXPECT_FALSE(peer.closed());
    probe.run_for(10s);  // longer than it waits for a byte
    EXPECT_TRUE(peer.closed());
    EXPECT_TRUE(probe.connect("127.0.0.1:1").closed());
}

TEST(harness, reconfigures_what_is_live) {
    harness probe(testing::type<echo>());
    probe.run_for(0s);
    probe.reconfigure(R"({ "prefix": "new " })");
    probe.feed("in", text{"line", {}});
    probe.run_for(0s);
    EXPECT_THAT(lines_of(probe), ElementsAre("new line"));
    EXPECT_THROW(probe.reconfigure(R"({ "prefix": "new ", "upstream": "127.0.0.1:5" })"), configuration_error);
}

TEST(harness, puts_a_bad_network_in_front_of_an_input) {
    harness probe(testing::type<echo>(), "{}", {.faults = {{"in", {.delay_ms = 50ms}}}});
    probe.feed("in", text{"late", {}});
    probe.run_for(49ms);
    EXPECT_THAT(lines_of(probe), IsEmpty());
    probe.run_for(1ms);
    EXPECT_THAT(lines_of(probe), ElementsAre("late"));
}

/// Ten minutes in which the upstream stalls, goes and comes back, at random.
std::string ten_bad_minutes(std::uint64_t seed) {
    harness probe(testing::type<echo>(), R"({ "upstream": "127.0.0.1:9000" })", {.seed = seed, .faults = {{"in", {.jitter_ms = 300ms, .loss = 0.1}}}});
    std::mt19937_64 random(seed);
    std::string story;
    bool there = false;
    std::vector<testing::peer> sessions;
    for (int i = 0; i < 6000; ++i) {
        probe.feed("in", text{std::to_string(i), {}});
        const auto dice = random() % 100;
        if (dice == 0) probe.cut_sessions();
        if (dice == 1) {
            if (there) probe.refuse("127.0.0.1:9000");
            else probe.listen("127.0.0.1:9000");
            there = !there;
        }
        if (there) {
            for (auto& each : probe.accept("127.0.0.1:9000")) sessions.push_back(each);
        }
        if (dice > 10 && !sessions.empty()) sessions.back().write("u" + std::to_string(i));  // else it stalls
        probe.run_for(100ms);
        for (const auto& line : lines_of(probe)) story += line + " ";
    }
    EXPECT_GT(sessions.size(), 20u);
    EXPECT_EQ(probe.snapshot().state, "running");
    return story;
}

TEST(harness, ten_bad_minutes_are_the_same_with_the_same_seed) {
    const auto once = ten_bad_minutes(1);
    EXPECT_GT(once.size(), 10'000u);
    EXPECT_EQ(once, ten_bad_minutes(1));
    EXPECT_NE(once, ten_bad_minutes(2));
}

/// A vendor's library that calls back from its own thread, ten thousand times a second.
class vendor_fed final : public module {
public:
    static module_info describe() {
        return streamhost::describe<vendor_fed>("test.vendor", "posts from a thread").output<text>("out", "what is posted").capture();
    }
    explicit vendor_fed(module_context& host) : host_(host), out_(host.output<text>("out")) {}
    awaitable<void> run() override {
        std::atomic<bool> stop{false};
        std::thread vendor([&, out = out_]() mutable {
            for (int i = 0; !stop; ++i) {
                out.post(text{std::to_string(i), {}});
                if (i % 10 == 9) std::this_thread::sleep_for(1ms);
            }
        });
        while (!host_.draining()) co_await host_.sleep_for(1h);
        stop = true;
        vendor.join();
    }

private:
    module_context& host_;
    output<text> out_;
};

TEST(harness, a_thread_of_a_vendor_posts_in_order) {
    harness probe(testing::type<vendor_fed>());
    std::vector<std::string> got;
    while (got.size() < 10'000) {
        probe.run_for(1ms);
        for (auto& line : lines_of(probe)) got.push_back(std::move(line));
    }
    int last = -1;
    for (const auto& each : got) {
        const int number = std::stoi(each);
        EXPECT_GT(number, last);  // what was posted too fast is dropped, never doubled or turned around
        last = number;
    }
    EXPECT_TRUE(probe.drain());
}

}  // namespace
}  // namespace streamhost
