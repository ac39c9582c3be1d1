#include "core/net/net_fixture.hpp"

#include <boost/asio/error.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using test::backend_kind;
using test::net_fixture;
using ::testing::ElementsAre;

std::span<const std::byte> content(std::string_view text) { return std::as_bytes(std::span(text)); }

/// One end of datagrams.
struct end {
    std::shared_ptr<bound_datagrams> socket;
    std::unique_ptr<datagram_port> port;
};

/// What every datagram port does, whatever stands behind it.
class datagram_test : public net_fixture, public ::testing::WithParamInterface<backend_kind> {
public:
    datagram_test() : net_fixture(GetParam()) {}

    static end bind(net_fixture& self, net_address at = {"127.0.0.1", 0}) {
        auto bound = self.net->bind_datagrams(at);
        EXPECT_TRUE(bound) << bound.error().message();
        return {*bound, self.net->open(*bound, self.on(), self.as())};
    }
    static std::unique_ptr<datagram_port> dial(net_fixture& self, const net_address& peer) {
        auto port = self.net->connect_datagrams(peer, self.on(), self.as());
        EXPECT_TRUE(port) << port.error().message();
        return std::move(*port);
    }

    /// "hello from 127.0.0.1:1234", "refused by 127.0.0.1:1234"
    static awaitable<std::string> hear(datagram_port& on) {
        std::array<std::byte, 65536> room;
        const auto came = co_await on.receive(room);
        if (!came) co_return "error: " + came.error().message();
        if (came->refused) co_return "refused by " + came->peer.to_string();
        co_return std::string(reinterpret_cast<const char*>(room.data()), came->size) + " from " + came->peer.to_string();
    }

    /// An address at which nobody is, and was a moment ago.
    static net_address nobody(net_fixture& self) { return bind(self).port->local; }
};

TEST_P(datagram_test, carries_whole_datagrams_both_ways_and_says_from_whom) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto server = bind(self);
        const auto client = dial(self, server.port->local);
        EXPECT_TRUE(client->send(content("hello"), server.port->local));
        EXPECT_TRUE(client->send(content(""), server.port->local));
        const auto first = co_await hear(*server.port);
        EXPECT_EQ(first, "hello from " + client->local.to_string());
        const auto second = co_await hear(*server.port);
        EXPECT_EQ(second, " from " + client->local.to_string());
        EXPECT_TRUE(server.port->send(content("welcome"), client->local));
        const auto answer = co_await hear(*client);
        EXPECT_EQ(answer, "welcome from " + server.port->local.to_string());
    });
}

TEST_P(datagram_test, a_port_is_chosen_and_an_address_is_had_once) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto one = bind(self);
        EXPECT_GT(one.port->local.port, 0);
        EXPECT_EQ(one.socket->local(), one.port->local);
        const auto again = self.net->bind_datagrams(one.port->local);
        EXPECT_EQ(again.error().value(), EADDRINUSE);
        co_return;
    });
}

TEST_P(datagram_test, the_largest_datagram_passes_and_a_larger_one_is_an_error) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto server = bind(self);
        const auto client = bind(self);
        const std::vector<std::byte> largest(65'507);
        EXPECT_TRUE(client.port->send(largest, server.port->local));
        std::vector<std::byte> room(65'536);
        const auto came = co_await server.port->receive(room);
        EXPECT_EQ(came->size, largest.size());
        const std::vector<std::byte> larger(65'508);
        EXPECT_EQ(client.port->send(larger, server.port->local).error(), errc::too_large);
    });
}

TEST_P(datagram_test, a_datagram_that_is_longer_than_the_room_tells_its_true_size) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto server = bind(self);
        const auto client = bind(self);
        EXPECT_TRUE(client.port->send(content("hello"), server.port->local));
        std::array<std::byte, 2> room;
        const auto came = co_await server.port->receive(room);
        EXPECT_EQ(came->size, 5u);
        EXPECT_EQ(room[1], std::byte{'e'});
    });
}

TEST_P(datagram_test, many_of_one_size_arrive_one_by_one_whatever_their_number) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto server = bind(self);
        const auto client = bind(self);
        const auto dialled = dial(self, server.port->local);
        for (const auto* sender : {client.port.get(), dialled.get()}) {
            // One, as many as one call of the kernel takes, and more of them.
            for (const std::size_t count : {1, 2, 54, 55, 130}) {
                for (const std::size_t last : {1200, 7}) {
                    std::vector<std::byte> bytes((count - 1) * 1200 + last);
                    for (std::size_t i = 0; i < count; ++i) bytes[i * 1200] = static_cast<std::byte>(i);
                    const auto taken = const_cast<datagram_port*>(sender)->send_many(bytes, 1200, server.port->local);
                    EXPECT_TRUE(taken && *taken == bytes.size()) << count;
                    for (std::size_t i = 0; i < count; ++i) {
                        std::vector<std::byte> room(65'536);
                        const auto came = co_await server.port->receive(room);
                        EXPECT_EQ(came->size, i + 1 == count ? last : 1200u) << i << " of " << count;
                        EXPECT_EQ(room[0], static_cast<std::byte>(i));
                        EXPECT_EQ(came->peer, sender->local);
                    }
                }
            }
        }
    });
}

TEST_P(datagram_test, many_that_are_too_large_to_go_together_go_singly) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto server = bind(self);
        const auto client = bind(self);
        const std::vector<std::byte> two(2 * 40'000);
        EXPECT_EQ(*client.port->send_many(two, 40'000, server.port->local), two.size());
        std::vector<std::byte> room(65'536);
        for (int i = 0; i < 2; ++i) {
            const auto came = co_await server.port->receive(room);
            EXPECT_EQ(came->size, 40'000u);
        }
        const std::vector<std::byte> larger(70'000);
        EXPECT_EQ(client.port->send_many(larger, 70'000, server.port->local).error(), errc::too_large);
    });
}

TEST_P(datagram_test, a_refusal_names_who_refused_and_spoils_nothing_for_the_others) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto sender = bind(self);
        const auto gone = nobody(self);
        const auto here = bind(self);
        EXPECT_TRUE(sender.port->send(content("one"), gone));
        // The kernel reports the refusal at the next call, and this one must not be it.
        EXPECT_TRUE(sender.port->send(content("two"), here.port->local));
        const auto refusal = co_await hear(*sender.port);
        EXPECT_EQ(refusal, "refused by " + gone.to_string());
        const auto heard = co_await hear(*here.port);
        EXPECT_EQ(heard, "two from " + sender.port->local.to_string());
    });
}

TEST_P(datagram_test, a_refusal_comes_to_one_who_waits) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto gone = nobody(self);
        const auto sender = dial(self, gone);
        self.tasks->spawn([](datagram_port& waiting, std::string expected) -> awaitable<void> {
            const auto heard = co_await hear(waiting);
            EXPECT_EQ(heard, expected);
        }(*sender, "refused by " + gone.to_string()));
        co_await asio::post(use_awaitable);
        co_await asio::post(use_awaitable);
        EXPECT_TRUE(sender->send(content("hello"), gone));
        co_await self.tasks->join();
    });
}

TEST_P(datagram_test, a_port_for_one_peer_hears_nobody_else) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto server = bind(self);
        const auto other = bind(self);
        const auto client = dial(self, server.port->local);
        (void)other.port->send(content("intruder"), client->local);
        EXPECT_TRUE(server.port->send(content("hello"), client->local));
        const auto heard = co_await hear(*client);
        EXPECT_EQ(heard, "hello from " + server.port->local.to_string());
    });
}

TEST_P(datagram_test, a_cancelled_port_receives_no_more_and_still_sends) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto one = bind(self);
        const auto two = bind(self);
        self.tasks->spawn([](datagram_port& waiting) -> awaitable<void> {
            std::array<std::byte, 16> room;
            const auto came = co_await waiting.receive(room);
            EXPECT_EQ(came.error(), make_error_code(asio::error::operation_aborted));
        }(*one.port));
        co_await asio::post(use_awaitable);
        co_await asio::post(use_awaitable);
        one.port->cancel();
        co_await self.tasks->join();
        EXPECT_TRUE(one.port->send(content("bye"), two.port->local));
        const auto heard = co_await hear(*two.port);
        EXPECT_EQ(heard, "bye from " + one.port->local.to_string());
    });
}

TEST_P(datagram_test, waiting_for_room_neither_lasts_nor_ends_a_receive) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto one = bind(self);
        const auto two = bind(self);
        self.tasks->spawn([](datagram_port& waiting, std::string expected) -> awaitable<void> {
            const auto heard = co_await hear(waiting);
            EXPECT_EQ(heard, expected);
        }(*one.port, "late from " + two.port->local.to_string()));
        if (self.world) self.world->net().datagrams().faults.full = true;
        co_await one.port->wait_for_room(1ms);
        if (self.world) self.world->net().datagrams().faults.full = false;
        EXPECT_TRUE(two.port->send(content("late"), one.port->local));
        co_await self.tasks->join();
    });
}

TEST_P(datagram_test, termination_ends_a_pending_receive) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto one = bind(self);
        task_group receivers(self.as());
        receivers.spawn([](datagram_port& port) -> awaitable<void> {
            for (;;) (void)co_await hear(port);
        }(*one.port));
        co_await asio::post(use_awaitable);
        co_await asio::post(use_awaitable);
        receivers.terminate();
        co_await receivers.join();
    });
}

TEST_P(datagram_test, a_second_lease_has_the_same_address_and_what_waits_there) {
    run([](net_fixture& self) -> awaitable<void> {
        auto server = bind(self);
        const auto client = bind(self);
        const auto before = server.port->local;
        server.port.reset();
        EXPECT_TRUE(client.port->send(content("between"), before));
        server.port = self.net->open(server.socket, self.on(), self.as());
        EXPECT_EQ(server.port->local, before);
        const auto heard = co_await hear(*server.port);
        EXPECT_EQ(heard, "between from " + client.port->local.to_string());
    });
}

INSTANTIATE_TEST_SUITE_P(backends, datagram_test, ::testing::Values(backend_kind::simulated, backend_kind::machine),
                         [](const auto& parameter) {
                             return parameter.param == backend_kind::simulated ? "simulated" : "machine";
                         });

/// What only the kernel has.
class machine_datagram_test : public net_fixture {
public:
    machine_datagram_test() : net_fixture(backend_kind::machine) {}

    static std::set<int> open_descriptors() {
        std::set<int> numbers;
        for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
            numbers.insert(std::stoi(each.path().filename()));
        }
        std::erase_if(numbers, [](int number) { return ::fcntl(number, F_GETFD) < 0; });  // the iterator's own
        return numbers;
    }
};

TEST_F(machine_datagram_test, every_descriptor_is_closed_on_exec_and_none_is_left_behind) {
    static std::set<int> before;
    before = open_descriptors();
    run([](net_fixture& self) -> awaitable<void> {
        const auto server = datagram_test::bind(self);
        const auto client = datagram_test::dial(self, server.port->local);
        int opened = 0;
        for (const int number : open_descriptors()) {
            if (before.contains(number)) continue;
            ++opened;
            EXPECT_EQ(::fcntl(number, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC) << number;
        }
        EXPECT_EQ(opened, 3);
        co_return;
    });
    EXPECT_EQ(open_descriptors(), before);
}

TEST_F(machine_datagram_test, datagrams_and_refusals_pass_over_ipv6_too) {
    if (!net->bind_datagrams({"::1", 0})) GTEST_SKIP() << "this machine has no IPv6";
    run([](net_fixture& self) -> awaitable<void> {
        const auto server = datagram_test::bind(self, {"::1", 0});
        const auto client = datagram_test::dial(self, server.port->local);
        EXPECT_TRUE(client->send(content("hello"), server.port->local));
        const auto heard = co_await datagram_test::hear(*server.port);
        EXPECT_EQ(heard, "hello from " + client->local.to_string());
        const auto gone = datagram_test::bind(self, {"::1", 0}).port->local;
        EXPECT_TRUE(server.port->send(content("hello"), gone));
        const auto refusal = co_await datagram_test::hear(*server.port);
        EXPECT_EQ(refusal, "refused by " + gone.to_string());
    });
}

TEST_F(machine_datagram_test, where_there_is_no_way_is_a_result) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto one = datagram_test::bind(self);
        EXPECT_FALSE(one.port->send(content("x"), {"255.255.255.255", 9}));
        EXPECT_FALSE(one.port->send(content("x"), {"127.0.0.1", 0}));
        EXPECT_FALSE(one.port->send(content("x"), {"::1", 9}));
        EXPECT_FALSE(one.port->send(content("x"), {"no number", 9}));
        EXPECT_FALSE(self.net->bind_datagrams({"203.0.113.1", 0}));
        EXPECT_FALSE(self.net->connect_datagrams({"255.255.255.255", 9}, self.on(), self.as()));
        co_return;
    });
}

/// What only a simulation does, and only where it is asked to.
class simulated_datagram_test : public net_fixture {
public:
    simulated_datagram_test() : net_fixture(backend_kind::simulated) {}

    /// Sends a to e from one port to another, and returns in what order they came.
    static awaitable<std::string> exchange(net_fixture& self) {
        const auto sender = datagram_test::bind(self);
        const auto receiver = datagram_test::bind(self);
        for (const char* each : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
            EXPECT_TRUE(sender.port->send(content(each), receiver.port->local));
        }
        std::string came;
        self.tasks->spawn([](datagram_port& port, std::string& heard) -> awaitable<void> {
            for (;;) {
                std::array<std::byte, 16> room;
                const auto next = co_await port.receive(room);
                if (!next) co_return;
                heard += static_cast<char>(room[0]);
            }
        }(*receiver.port, came));
        timer later(self.on().timers());
        later.start_after(1s, [&] { receiver.port->cancel(); });
        co_await self.tasks->join();
        co_return came;
    }
};

TEST_F(simulated_datagram_test, without_faults_all_come_once_and_in_order) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto came = co_await exchange(self);
        EXPECT_EQ(came, "abcdefgh");
    });
}

TEST_F(simulated_datagram_test, a_lossy_network_loses_some_the_same_for_the_same_seed) {
    run([](net_fixture& self) -> awaitable<void> {
        self.world->net().datagrams().faults.lost = 0.5;
        const auto came = co_await exchange(self);
        EXPECT_GT(came.size(), 0u);
        EXPECT_LT(came.size(), 8u);
        EXPECT_TRUE(std::ranges::is_sorted(came));
        simulation same(1);
        EXPECT_EQ(same.net().datagrams().faults.lost, 0.0) << "a fault is one simulation's own";
    });
}

TEST_F(simulated_datagram_test, a_network_may_double_and_reorder) {
    run([](net_fixture& self) -> awaitable<void> {
        self.world->net().datagrams().faults.doubled = 1;
        const auto doubled = co_await exchange(self);
        EXPECT_EQ(doubled, "aabbccddeeffgghh");
        self.world->net().datagrams().faults = {.late = 0.5};
        auto mixed = co_await exchange(self);
        EXPECT_FALSE(std::ranges::is_sorted(mixed));
        std::ranges::sort(mixed);
        EXPECT_EQ(mixed, "abcdefgh");
    });
}

TEST_F(simulated_datagram_test, a_full_buffer_is_a_result) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto one = datagram_test::bind(self);
        self.world->net().datagrams().faults.full = true;
        EXPECT_EQ(one.port->send(content("x"), one.port->local).error(), make_error_code(asio::error::would_block));
        co_return;
    });
}

}  // namespace
}  // namespace streamhost
