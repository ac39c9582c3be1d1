#include "support/stage.hpp"

#include <streamhost/event.hpp>

#include <boost/asio/post.hpp>

#include <array>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using test::scripted;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The network as an instance sees it, in a simulation.
class instance_network_test : public test::stage {
public:
    static awaitable<void> accept_all(scripted& self, listener door) {
        for (;;) {
            auto session = co_await door.accept();
            if (!session) {
                self.at.note(self.host.name() + ": " + session.error().message());
                break;
            }
            self.at.note(self.host.name() + " got one");
            static_cast<instance_network_test&>(self.at).sessions.push_back(std::move(*session));
        }
    }

    /// Listens in prepare() and accepts all.
    static awaitable<void> serve(scripted& self) {
        auto door = co_await self.host.network().listen("127.0.0.1:7000");
        self.host.spawn(accept_all(self, std::move(door)));
    }

    void TearDown() override { sessions.clear(); }

    std::vector<stream> sessions;
    std::vector<std::string> addresses;
};

TEST_F(instance_network_test, a_listener_accepts_until_the_host_drains) {
    add("server", {.prepare = serve});
    add("client", {.run = [](scripted& self) -> awaitable<void> {
            for (int i = 0; i < 3; ++i) {
                const auto session = co_await self.host.network().dial("127.0.0.1:7000");
                EXPECT_TRUE(session);
            }
            co_await self.host.sleep_for(1s);
            self.host.stop_host("test");
            // Not this instance's own drain, but the server's, which has begun by then.
            co_await self.host.sleep_for(1s);
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("server got one", "server got one", "server got one",
                                   "server: the host is shutting down"));
    EXPECT_EQ(lasted, 1s);
}

TEST_F(instance_network_test, a_dial_while_draining_is_told_so) {
    add("client", {.run = [](scripted& self) -> awaitable<void> {
            self.host.stop_host("test");
            co_await self.host.sleep_for(1s);
            const auto session = co_await self.host.network().dial("127.0.0.1:7000");
            EXPECT_EQ(session.error(), errc::draining);
        }});
    EXPECT_EQ(run(), 0);
}

TEST_F(instance_network_test, a_dial_to_nonsense_is_a_result) {
    add("client", {.run = [](scripted& self) -> awaitable<void> {
            const auto session = co_await self.host.network().dial("nonsense");
            EXPECT_EQ(session.error(), errc::malformed);
        }});
    EXPECT_EQ(run(), 0);
}

TEST_F(instance_network_test, an_address_that_is_taken_is_named_with_the_cause_and_the_next_step) {
    add("first", {.prepare = serve});
    add("second", {.prepare = [](scripted& self) -> awaitable<void> {
            // Behind the first, whatever the order of their turns.
            co_await self.host.sleep_for(1ms);
            const auto door = co_await self.host.network().listen("127.0.0.1:7000");
        }});
    EXPECT_EQ(run(), 1);
    EXPECT_EQ(instance("second").failure, "cannot listen on 127.0.0.1:7000: Address already in use; find who holds it with: "
                                          "ss -ltnp 'sport = :7000', or choose another address");
    EXPECT_THAT(logged(), Contains(HasSubstr("error host: second (test.scripted): cannot listen on 127.0.0.1:7000")));
}

TEST_F(instance_network_test, an_address_that_is_none_is_a_configuration_error) {
    add("server", {.prepare = [](scripted& self) -> awaitable<void> {
            const auto door = co_await self.host.network().listen("7000");
        }});
    EXPECT_EQ(run(), 1);
    EXPECT_EQ(instance("server").failure, "cannot listen on \"7000\": expected HOST:PORT");
}

TEST_F(instance_network_test, a_restarted_instance_keeps_its_port_and_who_waits_there) {
    add("server", {.prepare = [](scripted& self) -> awaitable<void> {
            auto door = co_await self.host.network().listen("127.0.0.1:0");
            static_cast<instance_network_test&>(self.at).addresses.push_back(door.local().to_string());
            if (self.life == 2) self.host.spawn(accept_all(self, std::move(door)));
        }, .run = [](scripted& self) -> awaitable<void> {
            if (self.life == 1) throw std::runtime_error("over");
            co_await self.host.sleep_for(5s);
            self.host.stop_host("test");
        }});
    add("client", {.run = [](scripted& self) -> awaitable<void> {
            // Between the two lives.
            auto& at = static_cast<instance_network_test&>(self.at);
            const auto session = co_await self.host.network().dial(at.addresses.at(0));
            EXPECT_TRUE(session);
            EXPECT_THAT(at.addresses, SizeIs(1));
            while (!self.host.draining()) co_await self.host.sleep_for(1h);
        }});
    EXPECT_EQ(run(), 0);
    ASSERT_THAT(addresses, SizeIs(2));
    EXPECT_EQ(addresses[0], addresses[1]);
    EXPECT_THAT(notes, Contains("server got one"));
}

TEST_F(instance_network_test, an_instance_that_listens_twice_on_port_0_has_two_ports_and_keeps_both) {
    add("server", {.prepare = [](scripted& self) -> awaitable<void> {
            auto& at = static_cast<instance_network_test&>(self.at);
            const auto one = co_await self.host.network().listen("127.0.0.1:0");
            const auto two = co_await self.host.network().listen("127.0.0.1:0");
            at.addresses.push_back(one.local().to_string());
            at.addresses.push_back(two.local().to_string());
            if (self.life == 2) {
                EXPECT_THAT(at.host->snapshot().addresses, SizeIs(2));
            }
        }, .run = [](scripted& self) -> awaitable<void> {
            if (self.life == 1) throw std::runtime_error("over");
            co_return;
        }});
    EXPECT_EQ(run(), 0);
    ASSERT_THAT(addresses, SizeIs(4));
    EXPECT_NE(addresses[0], addresses[1]);
    EXPECT_EQ(addresses[0], addresses[2]);
    EXPECT_EQ(addresses[1], addresses[3]);
}

TEST_F(instance_network_test, who_comes_above_the_limit_is_closed_and_counted) {
    auto& server = add("server", {.prepare = serve});
    server.limits.max_connections = 2;
    add("client", {.run = [](scripted& self) -> awaitable<void> {
            std::vector<stream> mine;
            for (int i = 0; i < 3; ++i) {
                auto session = co_await self.host.network().dial("127.0.0.1:7000");
                mine.push_back(std::move(*session));
            }
            std::array<std::byte, 1> buffer;
            const auto end = co_await mine.back().read_some(buffer, 5s);
            EXPECT_EQ(end.error(), errc::end_of_stream);
            const auto kept = co_await mine.front().read_some(buffer, 5s);
            EXPECT_EQ(kept.error(), errc::timed_out);
            self.host.stop_host("test");
        }});
    EXPECT_EQ(run(), 0);
    const auto metrics = instance("server").metrics;
    const auto value = [&](std::string_view name) {
        return std::ranges::find(metrics, name, &metric_snapshot::name)->value;
    };
    EXPECT_EQ(value("sessions_accepted"), 2u);
    EXPECT_EQ(value("sessions_refused"), 1u);
}

TEST_F(instance_network_test, a_place_is_free_again_when_its_session_has_gone) {
    add("server", {.prepare = serve}).limits.max_connections = 1;
    add("client", {.run = [](scripted& self) -> awaitable<void> {
            auto& at = static_cast<instance_network_test&>(self.at);
            for (int i = 0; i < 3; ++i) {
                auto session = co_await self.host.network().dial("127.0.0.1:7000");
                co_await self.host.sleep_for(1s);
                EXPECT_THAT(at.sessions, SizeIs(1));
                at.sessions.clear();
            }
            self.host.stop_host("test");
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(std::ranges::count(notes, "server got one"), 3);
}

TEST_F(instance_network_test, addresses_are_given_up_when_the_host_drains) {
    add("server", {.prepare = serve, .run = [](scripted& self) -> awaitable<void> {
            while (!self.host.draining()) co_await self.host.sleep_for(1h);
            // Still here, to let its sessions finish; nobody new may come.
            event pause;
            timer later(self.host.timers());
            later.start_after(1s, [&pause] { pause.set(); });
            co_await pause.wait();
            EXPECT_THAT(self.at.host->snapshot().addresses, IsEmpty());
        }});
    add("client", {.run = [](scripted& self) -> awaitable<void> { self.host.stop_host("test"); co_return; }});
    EXPECT_EQ(run(), 0);
}

// --- datagrams ------------------------------------------------------------------------------------------------------

std::span<const std::byte> content(std::string_view text) { return std::as_bytes(std::span(text)); }

class instance_datagram_test : public instance_network_test {
public:
    /// Notes what comes until the host drains: "server: hello", "server: stranger says hello", "server: refused".
    static awaitable<void> hear_all(scripted& self, datagram_socket socket) {
        std::array<std::byte, 16> room;
        for (;;) {
            const auto came = co_await socket.receive(room);
            if (!came) {
                self.at.note(self.host.name() + ": " + came.error().message());
                break;
            }
            const std::string text(reinterpret_cast<const char*>(room.data()), came->size);
            self.at.note(self.host.name() + (came->refused ? ": refused" : came->allowed ? ": " : ": stranger says ") +
                         (came->refused ? "" : text));
        }
    }
    static awaitable<void> serve_datagrams(scripted& self) {
        auto socket = co_await self.host.network().bind("127.0.0.1:7000");
        self.host.spawn(hear_all(self, std::move(socket)));
    }
    static awaitable<void> serve_everybody(scripted& self) {
        auto socket = co_await self.host.network().bind("127.0.0.1:7000", datagram_peers::everybody);
        self.host.spawn(hear_all(self, std::move(socket)));
    }
    /// Says three things to the server from an address of its own choice, then ends the host.
    static awaitable<void> say(scripted& self, std::string from) {
        auto socket = co_await self.host.network().bind(from, datagram_peers::everybody);
        for (const char* each : {"one", "two", "three"}) {
            EXPECT_TRUE(socket.send(content(each), {"127.0.0.1", 7000}));
        }
        co_await self.host.sleep_for(1s);
        self.host.stop_host("test");
    }
    std::uint64_t metric(const std::string& of, std::string_view name) const {
        const auto metrics = instance(of).metrics;
        return std::ranges::find(metrics, name, &metric_snapshot::name)->value;
    }
};

TEST_F(instance_datagram_test, come_until_the_host_drains_and_are_counted) {
    add("server", {.prepare = serve_datagrams});
    add("client", {.run = [](scripted& self) { return say(self, "127.0.0.1:0"); }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("server: one", "server: two", "server: three", "server: the host is shutting down"));
    EXPECT_EQ(metric("server", "datagrams_received"), 3u);
    EXPECT_EQ(metric("client", "datagrams_sent"), 3u);
}

TEST_F(instance_datagram_test, of_strangers_are_dropped_counted_and_logged_once) {
    add("server", {.prepare = serve_datagrams}).allow = {"10.0.0.0/8"};
    add("client", {.run = [](scripted& self) { return say(self, "192.168.1.5:0"); }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("server: the host is shutting down"));
    EXPECT_EQ(metric("server", "datagrams_refused"), 3u);
    EXPECT_EQ(metric("server", "datagrams_received"), 0u);
    EXPECT_EQ(std::ranges::count_if(logged(), [](const auto& line) { return line.find("refused") != line.npos; }), 1);
    EXPECT_THAT(logged(), Contains(HasSubstr("refused 192.168.1.5: its network is not in `allow`")));
}

TEST_F(instance_datagram_test, of_allowed_networks_come) {
    add("server", {.prepare = serve_datagrams}).allow = {"10.0.0.0/8"};
    add("client", {.run = [](scripted& self) { return say(self, "10.1.2.3:0"); }});
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(metric("server", "datagrams_received"), 3u);
}

TEST_F(instance_datagram_test, of_strangers_come_marked_to_one_who_asks_for_them) {
    add("server", {.prepare = serve_everybody});
    add("client", {.run = [](scripted& self) { return say(self, "192.168.1.5:0"); }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, Contains("server: stranger says two"));
    EXPECT_EQ(metric("server", "datagrams_refused"), 0u);
}

TEST_F(instance_datagram_test, longer_ones_than_any_that_is_expected_are_dropped_and_counted) {
    add("server", {.prepare = serve_datagrams});
    add("client", {.run = [](scripted& self) -> awaitable<void> {
            auto socket = co_await self.host.network().dial_datagrams("127.0.0.1:7000");
            EXPECT_TRUE(socket->send(content("seventeen letters")));
            EXPECT_TRUE(socket->send(content("short")));
            co_await self.host.sleep_for(1s);
            self.host.stop_host("test");
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("server: short", "server: the host is shutting down"));
    EXPECT_EQ(metric("server", "datagrams_too_long"), 1u);
}

TEST_F(instance_datagram_test, that_nobody_receives_come_back_as_a_refusal) {
    add("client", {.run = [](scripted& self) -> awaitable<void> {
            auto socket = co_await self.host.network().dial_datagrams("127.0.0.1:7000");
            EXPECT_EQ(socket->remote().to_string(), "127.0.0.1:7000");
            EXPECT_TRUE(socket->send(content("hello")));
            self.host.spawn(hear_all(self, std::move(*socket)));
            co_await self.host.sleep_for(1s);
            self.host.stop_host("test");
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("client: refused", "client: the host is shutting down"));
}

TEST_F(instance_datagram_test, go_out_while_the_host_drains_and_not_after_a_close) {
    add("client", {.run = [](scripted& self) -> awaitable<void> {
            auto socket = co_await self.host.network().bind("127.0.0.1:0");
            self.host.stop_host("test");
            co_await self.host.sleep_for(1s);
            EXPECT_TRUE(socket.send(content("bye"), socket.local()));
            socket.close();
            EXPECT_EQ(socket.send(content("bye"), socket.local()).error(), errc::draining);
            const auto late = co_await self.host.network().dial_datagrams("127.0.0.1:7000");
            EXPECT_EQ(late.error(), errc::draining);
        }});
    EXPECT_EQ(run(), 0);
}

TEST_F(instance_datagram_test, without_room_are_counted) {
    world.net().datagrams().faults.full = true;
    add("client", {.run = [](scripted& self) -> awaitable<void> {
            auto socket = co_await self.host.network().bind("127.0.0.1:0");
            EXPECT_FALSE(socket.send(content("hello"), socket.local()));
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(metric("client", "datagrams_unsent"), 1u);
    EXPECT_EQ(metric("client", "datagrams_sent"), 0u);
}

TEST_F(instance_datagram_test, that_come_between_two_lives_are_there_for_the_second) {
    add("server", {.prepare = [](scripted& self) -> awaitable<void> {
            auto socket = co_await self.host.network().bind("127.0.0.1:7000");
            if (self.life == 2) self.host.spawn(hear_all(self, std::move(socket)));
        }, .run = [](scripted& self) -> awaitable<void> {
            if (self.life == 1) throw std::runtime_error("over");
            while (!self.host.draining()) co_await self.host.sleep_for(1h);
        }});
    add("client", {.run = [](scripted& self) { return say(self, "127.0.0.1:0"); }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre("server: one", "server: two", "server: three", "server: the host is shutting down"));
}

TEST_F(instance_datagram_test, have_an_address_that_is_in_the_hosts_list_and_taken_once) {
    add("first", {.prepare = serve_datagrams});
    add("second", {.prepare = [](scripted& self) -> awaitable<void> {
            co_await self.host.sleep_for(1ms);
            EXPECT_THAT(self.at.host->snapshot().addresses, SizeIs(1));
            const auto stream_of_the_same_number = co_await self.host.network().listen("127.0.0.1:7000");
            const auto socket = co_await self.host.network().bind("127.0.0.1:7000");
        }});
    EXPECT_EQ(run(), 1);
    EXPECT_EQ(instance("second").failure, "cannot listen on 127.0.0.1:7000: Address already in use; find who holds it with: "
                                          "ss -lunp 'sport = :7000', or choose another address");
}

}  // namespace
}  // namespace streamhost
