#include "core/net/net_fixture.hpp"

#include <streamhost/event.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using test::backend_kind;
using test::bytes_of;
using test::net_fixture;

/// What every stream does, whatever stands behind it.
class stream_test : public net_fixture, public ::testing::WithParamInterface<backend_kind> {
public:
    stream_test() : net_fixture(GetParam()) {}

    static awaitable<std::string> read_text(stream& from, std::size_t count, duration timeout = 10s) {
        std::string text(count, '\0');
        const auto room = std::as_writable_bytes(std::span(text.data(), text.size()));
        const auto done = co_await from.read(room, timeout);
        co_return done ? std::move(text) : "error: " + done.error().message();
    }

    /// Everything up to the end of the stream.
    static awaitable<std::string> read_all(stream& from) {
        std::string text;
        std::array<std::byte, 4096> buffer;
        for (;;) {
            const auto count = co_await from.read_some(buffer, 10s);
            if (!count) {
                if (count.error() != errc::end_of_stream) text += "error: " + count.error().message();
                break;
            }
            text.append(reinterpret_cast<const char*>(buffer.data()), *count);
        }
        co_return text;
    }
};

TEST_P(stream_test, carries_bytes_both_ways) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        const std::string up = "hello", down = "welcome";
        const auto sent = co_await both.client.write(bytes_of(up));
        EXPECT_TRUE(sent);
        const auto heard = co_await read_text(both.server, 5);
        EXPECT_EQ(heard, up);
        const auto answered = co_await both.server.write(bytes_of(down));
        EXPECT_TRUE(answered);
        const auto answer = co_await read_text(both.client, 7);
        EXPECT_EQ(answer, down);
    });
}

TEST_P(stream_test, knows_both_addresses) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        EXPECT_EQ(both.client.remote(), self.entrance->local());
        EXPECT_EQ(both.server.local(), self.entrance->local());
        EXPECT_EQ(both.client.local(), both.server.remote());
        EXPECT_EQ(both.server.remote().host, "127.0.0.1");
        EXPECT_NE(both.server.remote().port, 0);
    });
}

TEST_P(stream_test, writes_several_buffers_as_one_run_of_bytes) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        const std::string a = "one ", b, c = "two ", d = "three";
        const std::vector<asio::const_buffer> pieces{bytes_of(a), bytes_of(b), bytes_of(c), bytes_of(d)};
        const auto sent = co_await both.client.write(pieces);
        EXPECT_TRUE(sent);
        both.client.finish();
        const auto got = co_await read_all(both.server);
        EXPECT_EQ(got, "one two three");
    });
}

TEST_P(stream_test, a_write_of_nothing_returns_at_once) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        const std::string nothing;
        const auto sent = co_await both.client.write(bytes_of(nothing), 1ms);
        EXPECT_TRUE(sent);
        const auto none = co_await both.client.write(std::span<const asio::const_buffer>(), 1ms);
        EXPECT_TRUE(none);
        std::array<std::byte, 1> empty;
        const auto read = co_await both.client.read(std::span(empty).first(0), 1ms);
        EXPECT_TRUE(read);
    });
}

/// Far more than any buffer on the way holds, so that both sides wait for each other again and again.
TEST_P(stream_test, carries_more_than_the_buffers_hold) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        std::string sent(3'000'000, '\0');
        for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 7 + i / 251);
        self.tasks->spawn([](stream& to, const std::string& content) -> awaitable<void> {
            const auto done = co_await to.write(bytes_of(content), 10s);
            EXPECT_TRUE(done);
            to.finish();
        }(both.client, sent));
        const auto got = co_await read_all(both.server);
        EXPECT_TRUE(got == sent) << got.size();
        co_await self.tasks->join();
    });
}

TEST_P(stream_test, the_end_is_told_from_a_message_cut_short) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        const std::string content = "12345678abc";
        const auto sent = co_await both.client.write(bytes_of(content));
        EXPECT_TRUE(sent);
        both.client.close();
        std::array<std::byte, 8> message;
        const auto whole = co_await both.server.read(message, 5s);
        EXPECT_TRUE(whole);
        const auto cut = co_await both.server.read(message, 5s);
        EXPECT_EQ(cut.error(), errc::truncated);

        auto others = co_await self.connect();
        others.client.close();
        const auto end = co_await others.server.read(message, 5s);
        EXPECT_EQ(end.error(), errc::end_of_stream);
        const auto again = co_await others.server.read_some(message, 5s);
        EXPECT_EQ(again.error(), errc::end_of_stream);
    });
}

TEST_P(stream_test, after_finish_the_other_direction_goes_on) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        both.client.finish();
        std::array<std::byte, 1> buffer;
        const auto end = co_await both.server.read_some(buffer, 5s);
        EXPECT_EQ(end.error(), errc::end_of_stream);
        const std::string late = "still here";
        const auto sent = co_await both.server.write(bytes_of(late));
        EXPECT_TRUE(sent);
        const auto got = co_await read_text(both.client, late.size());
        EXPECT_EQ(got, late);
    });
}

TEST_P(stream_test, destroying_a_stream_closes_it) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        both.client = stream();
        EXPECT_FALSE(both.client);
        std::array<std::byte, 1> buffer;
        const auto end = co_await both.server.read_some(buffer, 5s);
        EXPECT_EQ(end.error(), errc::end_of_stream);
    });
}

TEST_P(stream_test, a_read_that_gets_nothing_times_out) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        std::array<std::byte, 8> buffer;
        const auto some = co_await both.client.read_some(buffer, 20ms);
        EXPECT_EQ(some.error(), errc::timed_out);
        const auto all = co_await both.server.read(buffer, 20ms);
        EXPECT_EQ(all.error(), errc::timed_out);
    });
}

TEST_P(stream_test, a_peer_that_drips_cannot_stretch_the_time_of_a_message) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        bool over = false;
        self.tasks->spawn([](net_fixture& fixture, stream& to, bool& stop) -> awaitable<void> {
            const std::string drop = "x";
            while (!stop) {
                const auto sent = co_await to.write(bytes_of(drop), 1s);
                if (!sent) break;
                event pause;
                timer wait(fixture.on().timers());
                wait.start_after(10ms, [&pause] { pause.set(); });
                co_await pause.wait();
            }
        }(self, both.client, over));
        // More than can ever come at that rate.
        std::vector<std::byte> message(1'000'000);
        const auto done = co_await both.server.read(message, 100ms);
        over = true;
        EXPECT_EQ(done.error(), errc::timed_out);
        co_await self.tasks->join();
    });
}

TEST_P(stream_test, a_write_that_makes_no_progress_times_out) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        const std::string much(64'000'000, 'x');
        const auto done = co_await both.client.write(bytes_of(much), 50ms);
        EXPECT_EQ(done.error(), errc::timed_out);
        EXPECT_GT(both.client.unsent(), 0u);
    });
}

TEST_P(stream_test, a_slow_reader_is_no_stalled_one) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        const std::string much(8'000'000, 'x');
        std::size_t got = 0;
        // Takes a part whenever the writer has long been waiting for it.
        self.tasks->spawn([](net_fixture& fixture, stream& from, std::size_t& count, std::size_t all) -> awaitable<void> {
            std::vector<std::byte> buffer(1'000'000);
            while (count < all) {
                event pause;
                timer wait(fixture.on().timers());
                wait.start_after(20ms, [&pause] { pause.set(); });
                co_await pause.wait();
                const auto room = std::span(buffer).first(std::min(buffer.size(), all - count));
                const auto part = co_await from.read(room, 60s);
                if (!part) break;
                count += room.size();
            }
        }(self, both.server, got, much.size()));
        const auto done = co_await both.client.write(bytes_of(much), 60s);
        EXPECT_TRUE(done);
        co_await self.tasks->join();
        EXPECT_EQ(got, much.size());
    });
}

TEST_P(stream_test, close_ends_what_another_coroutine_waits_for) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        bool read_ended = false, write_ended = false;
        self.tasks->spawn([](stream& from, bool& ended) -> awaitable<void> {
            std::array<std::byte, 8> buffer;
            const auto count = co_await from.read_some(buffer);
            ended = !count && count.error() != errc::timed_out;
        }(both.client, read_ended));
        self.tasks->spawn([](stream& to, bool& ended) -> awaitable<void> {
            const std::string much(64'000'000, 'x');
            const auto done = co_await to.write(bytes_of(much));
            ended = !done && done.error() != errc::timed_out;
        }(both.client, write_ended));
        event pause;
        timer wait(self.on().timers());
        wait.start_after(20ms, [&pause] { pause.set(); });
        co_await pause.wait();
        both.client.close();
        both.client.close();
        co_await self.tasks->join();
        EXPECT_TRUE(read_ended);
        EXPECT_TRUE(write_ended);
    });
}

TEST_P(stream_test, what_was_written_before_the_close_still_arrives) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        const std::string last = "last words";
        const auto sent = co_await both.client.write(bytes_of(last));
        EXPECT_TRUE(sent);
        both.client.close();
        const auto got = co_await read_all(both.server);
        EXPECT_EQ(got, last);
    });
}

TEST_P(stream_test, writing_to_a_peer_that_has_gone_fails) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        both.server.close();
        const std::string content(1000, 'x');
        bool failed = false;
        // The kernel tells only after the peer's reset has come back.
        for (int i = 0; i < 1000 && !failed; ++i) {
            const auto sent = co_await both.client.write(bytes_of(content), 5s);
            failed = !sent;
            co_await asio::post(use_awaitable);
        }
        EXPECT_TRUE(failed);
    });
}

TEST_P(stream_test, termination_ends_a_pending_read) {
    run([](net_fixture& self) -> awaitable<void> {
        auto both = co_await self.connect();
        task_group readers(self.as());
        readers.spawn([](stream& from) -> awaitable<void> {
            std::array<std::byte, 8> buffer;
            for (;;) {
                const auto count = co_await from.read_some(buffer);
                (void)count;
            }
        }(both.client));
        co_await asio::post(use_awaitable);
        co_await asio::post(use_awaitable);
        readers.terminate();
        co_await readers.join();
    });
}

TEST_P(stream_test, many_sessions_wait_in_the_backlog_in_their_order) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto door = self.listen();
        std::vector<stream> clients;
        for (int i = 0; i < 50; ++i) {
            auto client = co_await self.dial(self.entrance->local());
            EXPECT_TRUE(client);
            clients.push_back(std::move(*client));
        }
        for (const auto& client : clients) {
            auto server = co_await self.accept(*door);
            EXPECT_TRUE(server);
            EXPECT_EQ(server->remote(), client.local());
        }
    });
}

TEST_P(stream_test, accepting_leaves_the_lane_to_the_others) {
    run([](net_fixture& self) -> awaitable<void> {
        if (self.simulated()) co_return;  // there a session is accepted within the turn that it came in
        const auto door = self.listen();
        std::vector<stream> clients;
        for (int i = 0; i < 100; ++i) {
            auto client = co_await self.dial(self.entrance->local());
            clients.push_back(std::move(*client));
        }
        int accepted = 0, seen = -1;
        self.tasks->spawn([](int& count, int& then) -> awaitable<void> {
            then = count;
            co_return;
        }(accepted, seen));
        for (; accepted < 100; ++accepted) co_await self.accept(*door);
        EXPECT_GE(seen, 0);
        EXPECT_LE(seen, 16);
    });
}

TEST_P(stream_test, dialling_where_nobody_listens_is_refused) {
    run([](net_fixture& self) -> awaitable<void> {
        auto door = self.listen();
        const auto address = self.entrance->local();
        door.reset();
        self.entrance.reset();
        const auto session = co_await self.dial(address);
        EXPECT_FALSE(session);
        EXPECT_EQ(session.error().value(), ECONNREFUSED);
    });
}

TEST_P(stream_test, cancel_ends_an_accept) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto door = self.listen();
        self.tasks->spawn([](net_fixture& fixture, acceptor& at) -> awaitable<void> {
            const auto session = co_await fixture.accept(at);
            EXPECT_FALSE(session);
        }(self, *door));
        co_await asio::post(use_awaitable);
        co_await asio::post(use_awaitable);
        door->cancel();
        co_await self.tasks->join();
    });
}

TEST_P(stream_test, an_address_is_bound_once) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto door = self.listen();
        EXPECT_NE(self.entrance->local().port, 0);
        const auto again = self.net->bind(self.entrance->local());
        EXPECT_FALSE(again);
        EXPECT_EQ(again.error().value(), EADDRINUSE);
        co_return;
    });
}

TEST_P(stream_test, a_new_lease_of_a_socket_takes_what_came_between_the_leases) {
    run([](net_fixture& self) -> awaitable<void> {
        auto door = self.listen();
        door.reset();
        auto client = co_await self.dial(self.entrance->local());
        EXPECT_TRUE(client) << "the socket listens though nobody has leased it";
        door = self.net->open(self.entrance, self.on(), self.as());
        auto server = co_await self.accept(*door);
        EXPECT_TRUE(server);
        EXPECT_EQ(server->remote(), client->local());
    });
}

TEST_P(stream_test, who_was_never_accepted_is_told_when_the_socket_goes) {
    run([](net_fixture& self) -> awaitable<void> {
        auto door = self.listen();
        auto client = co_await self.dial(self.entrance->local());
        EXPECT_TRUE(client);
        door.reset();
        self.entrance.reset();
        std::array<std::byte, 1> buffer;
        const auto end = co_await client->read_some(buffer, 10s);
        EXPECT_FALSE(end);
        EXPECT_NE(end.error(), errc::timed_out);
    });
}

INSTANTIATE_TEST_SUITE_P(, stream_test, ::testing::Values(backend_kind::simulated, backend_kind::machine),
                         [](const auto& which) {
                             return which.param == backend_kind::simulated ? "simulated" : "machine";
                         });

}  // namespace
}  // namespace streamhost
