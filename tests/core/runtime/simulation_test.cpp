#include "support/stage.hpp"

#include <array>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using test::scripted;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::SizeIs;

/// A server that hangs up at random, a client that comes back, and a listener who notes it all.
struct reconnecting {
    static awaitable<void> serve_one(scripted& self, stream session) {
        std::uniform_int_distribution<int> lines(1, 40);
        const int count = lines(self.host.random());
        for (int i = 1; i <= count; ++i) {
            const auto line = std::to_string(i) + "\n";
            const auto sent = co_await session.write(asio::buffer(line), 5s);
            if (!sent) break;
            const bool go_on = co_await self.host.sleep_for(100ms);
            if (!go_on) break;
        }
        session.close();
    }

    static awaitable<void> prepare_server(scripted& self) {
        auto entrance = co_await self.host.network().listen("127.0.0.1:7000");
        self.host.spawn(accept_all(self, std::move(entrance)));
    }

    static awaitable<void> accept_all(scripted& self, listener entrance) {
        for (;;) {
            auto session = co_await entrance.accept();
            if (!session) break;
            self.host.spawn(serve_one(self, std::move(*session)));
        }
    }

    static awaitable<void> client(scripted& self) {
        backoff delays(250ms, 10s);
        std::array<std::byte, 64> buffer;
        while (!self.host.draining()) {
            auto session = co_await self.host.network().dial("127.0.0.1:7000");
            if (session) {
                const drain_state::watch on_drain(self.host.drain(), [&session] { session->close(); });
                delays.reset();
                for (;;) {
                    const auto count = co_await session->read_some(buffer, 5s);
                    if (!count) break;
                    std::string got(reinterpret_cast<const char*>(buffer.data()), *count);
                    co_await self.send(std::move(got));
                }
            }
            const auto delay = delays.next(self.host.random());
            co_await self.host.sleep_for(delay);
        }
    }

    static awaitable<void> listen(scripted& self) {
        for (;;) {
            const auto line = co_await self.in.next();
            if (!line) break;
            self.at.note(std::to_string(line.header().steady_ns) + " " + line->line);
        }
    }
};

std::vector<std::string> trace(std::uint64_t seed, duration span) {
    struct seeded final : test::stage {
        using test::stage::stage;
        void TestBody() override {}
    } one(seed);
    static duration length;
    length = span;
    one.add("server", {.prepare = reconnecting::prepare_server});
    one.add("client", {.run = reconnecting::client}, "other");
    one.add("sink", {.run = reconnecting::listen});
    one.add("clock", {.run = [](scripted& self) -> awaitable<void> {
                co_await self.host.sleep_for(length);
                self.host.stop_host("over");
            }});
    one.link("client", "sink");
    EXPECT_EQ(one.run(), 0);
    one.host.reset();
    EXPECT_EQ(one.world.net().open_streams(), 0u);
    return one.notes;
}

TEST(simulation_test, the_same_seed_gives_the_same_run) {
    const auto first = trace(5, 2min);
    EXPECT_THAT(first, SizeIs(Ge(500u)));
    EXPECT_EQ(first, trace(5, 2min));
}

TEST(simulation_test, another_seed_gives_another_run) { EXPECT_NE(trace(5, 2min), trace(6, 2min)); }

TEST(simulation_test, ten_minutes_of_a_client_that_comes_back_again_and_again) {
    EXPECT_THAT(trace(9, 10min), SizeIs(Ge(3000u)));
}

TEST(simulation_test, hosts_of_one_world_reach_each_other) {
    struct two_hosts final : test::stage {
        void TestBody() override {}
    } one;
    one.add("server", {.prepare = reconnecting::prepare_server});
    host_runtime server(one.graph.plan(), one.simulated_face());
    // The second host is run from the first one's ready callback: both live in one time.
    test::plan_builder client_plan("client");
    std::swap(one.graph, client_plan);
    one.add("client", {.run = [](scripted& self) -> awaitable<void> {
                auto session = co_await self.host.network().dial("127.0.0.1:7000");
                std::array<std::byte, 2> line;
                const auto got = co_await session->read(line, 5s);
                self.at.note(got ? "got a line" : got.error().message());
            }});
    host_runtime client(one.graph.plan(), one.world.add_host());
    int client_status = -1;
    const int status = server.run([&] {
        client_status = client.run({});
        server.stop_host("test");
    });
    EXPECT_EQ(status, 0);
    EXPECT_EQ(client_status, 0);
    EXPECT_THAT(one.notes, ElementsAre("got a line"));
}

TEST(simulation_test, the_wall_clock_may_jump_and_nothing_else_does) {
    simulated_clock time;
    const auto steady = time.now();
    const auto wall = time.wall_ns();
    time.jump_wall(-1h);
    EXPECT_EQ(time.now(), steady);
    EXPECT_EQ(time.wall_ns(), wall - 3'600'000'000'000);
    time.move_to(steady + 1s);
    EXPECT_EQ(time.wall_ns(), wall - 3'599'000'000'000);
}

TEST(simulation_test, time_passes_though_nothing_happens) {
    simulation world(1);
    const auto begun = world.time().now();
    world.run_for(5s);
    EXPECT_EQ(world.time().now() - begun, 5s);
    EXPECT_FALSE(world.run_until([] { return false; }, steady_time::max())) << "nothing can ever happen again";
    EXPECT_EQ(world.time().now() - begun, 5s);
}

}  // namespace
}  // namespace streamhost
