#include "core/net/net_fixture.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using test::backend_kind;
using test::net_fixture;
using ::testing::IsEmpty;
using ::testing::Not;

std::set<int> open_descriptors() {
    std::set<int> numbers;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        numbers.insert(std::stoi(each.path().filename()));
    }
    std::erase_if(numbers, [](int number) { return ::fcntl(number, F_GETFD) < 0; });  // the iterator's own
    return numbers;
}

class machine_net_test : public net_fixture {
public:
    machine_net_test() : net_fixture(backend_kind::machine) {}
};

TEST_F(machine_net_test, every_descriptor_is_closed_on_exec_and_none_is_left_behind) {
    static std::set<int> before;
    before = open_descriptors();
    run([](net_fixture& self) -> awaitable<void> {
        const auto door = self.listen();
        auto client = co_await self.dial(self.entrance->local());
        auto server = co_await self.accept(*door);
        EXPECT_TRUE(server);
        int opened = 0;
        for (const int number : open_descriptors()) {
            if (before.contains(number)) continue;
            ++opened;
            EXPECT_EQ(::fcntl(number, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC) << number;
        }
        EXPECT_GE(opened, 4);
    });
    entrance.reset();
    EXPECT_EQ(open_descriptors(), before);
}

/// Uses up the process's descriptors, and gives them back at its end.
class descriptor_famine {
public:
    descriptor_famine() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit few{*open_descriptors().rbegin() + 1u + 20u, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &few);
        for (int number; (number = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) taken_.push_back(number);
    }
    ~descriptor_famine() {
        give_back();
        ::setrlimit(RLIMIT_NOFILE, &before_);
    }
    void give_back() {
        for (int number : taken_) ::close(number);
        taken_.clear();
    }

private:
    rlimit before_{};
    std::vector<int> taken_;
};

TEST_F(machine_net_test, out_of_descriptors_the_peer_hears_a_close_and_later_ones_get_in) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto door = self.listen();
        auto unlucky = co_await self.dial(self.entrance->local());
        descriptor_famine famine;
        const auto none = co_await self.accept(*door);
        EXPECT_FALSE(none);
        EXPECT_EQ(none.error().value(), EMFILE);
        std::array<std::byte, 1> buffer;
        const auto end = co_await unlucky->read_some(buffer, 10s);
        EXPECT_FALSE(end);
        EXPECT_NE(end.error(), errc::timed_out);
        // Nobody waits any more: the next round is an ordinary one.
        famine.give_back();
        auto lucky = co_await self.dial(self.entrance->local());
        const auto session = co_await self.accept(*door);
        EXPECT_TRUE(session);
    });
}

TEST_F(machine_net_test, a_listener_without_descriptors_is_an_error_and_no_crash) {
    run([](net_fixture& self) -> awaitable<void> {
        const auto bound = self.net->bind({"127.0.0.1", 0});
        const descriptor_famine famine;
        EXPECT_THROW((void)self.net->open(*bound, self.on(), self.as()), boost::system::system_error);
        EXPECT_FALSE(self.net->bind({"127.0.0.1", 0}));
        const auto session = co_await self.dial((*bound)->local());
        EXPECT_FALSE(session);
        EXPECT_EQ(session.error().value(), EMFILE);
    });
}

/// A network of its own in which the kernel has one port to choose from, so that a dialler of that very port gets
/// connected to itself.
bool enter_network_of_one_port() {
    if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
    ifreq loopback{};
    std::snprintf(loopback.ifr_name, sizeof loopback.ifr_name, "lo");
    const int handle = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    loopback.ifr_flags = IFF_UP | IFF_RUNNING;
    const bool up = ::ioctl(handle, SIOCSIFFLAGS, &loopback) == 0;
    ::close(handle);
    std::ofstream range("/proc/sys/net/ipv4/ip_local_port_range");
    range << "40000 40000" << std::flush;
    return up && range.good();
}

TEST(machine_net_death_test, a_socket_is_never_connected_to_itself) {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    constexpr int cannot = 77, refused = 0;
    const auto dial_self = [] {
        if (!enter_network_of_one_port()) std::_Exit(cannot);
        // The lane's thread belongs to the new network, as it starts after.
        struct one final : machine_net_test {
            void TestBody() override {}
        } fixture;
        bool good = false;
        static bool* answer;
        answer = &good;
        fixture.run([](net_fixture& self) -> awaitable<void> {
            const net_address own{"127.0.0.1", 40000};
            const auto session = co_await self.dial(own);
            *answer = !session && session.error().value() == ECONNREFUSED;
        });
        std::_Exit(good ? refused : 1);
    };
    EXPECT_EXIT(dial_self(), [](int status) {
        if (WIFEXITED(status) && WEXITSTATUS(status) == cannot) {
            std::fprintf(stderr, "not tried: this machine gives no network of one's own\n");
            return true;
        }
        return WIFEXITED(status) && WEXITSTATUS(status) == refused;
    }, "");
}

TEST_F(machine_net_test, a_dial_ends_at_once_when_the_host_drains) {
    run([](net_fixture& self) -> awaitable<void> {
        // A listener with a full backlog answers nobody: the dial hangs.
        const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in local{};
        local.sin_family = AF_INET;
        local.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        ::bind(handle, reinterpret_cast<sockaddr*>(&local), sizeof local);
        ::listen(handle, 0);
        socklen_t length = sizeof local;
        ::getsockname(handle, reinterpret_cast<sockaddr*>(&local), &length);
        const net_address address{"127.0.0.1", ::ntohs(local.sin_port)};
        std::vector<stream> filling;
        for (;;) {
            auto session = co_await self.dial(address, 50ms);
            if (!session) {
                EXPECT_EQ(session.error(), errc::timed_out);
                break;
            }
            filling.push_back(std::move(*session));
        }
        self.tasks->spawn([](net_fixture& fixture, net_address to) -> awaitable<void> {
            const auto session = co_await fixture.dial(to, no_timeout);
            EXPECT_EQ(session.error(), errc::draining);
        }(self, address));
        co_await asio::post(use_awaitable);
        co_await asio::post(use_awaitable);
        self.drain.begin();
        co_await self.tasks->join();
        ::close(handle);
    });
}

TEST_F(machine_net_test, resolves_names_and_says_where_it_cannot) {
    const auto own = net->resolve({"localhost", 80});
    ASSERT_TRUE(own);
    ASSERT_THAT(*own, Not(IsEmpty()));
    EXPECT_EQ(own->front().port, 80);
    // Longer than a label may be: no server has to be asked.
    const auto nobody = net->resolve({std::string(70, 'x'), 80});
    EXPECT_FALSE(nobody);
    EXPECT_THAT(nobody.error().message(), Not(IsEmpty()));
}

TEST_F(machine_net_test, a_number_that_is_not_this_machines_cannot_be_bound) {
    const auto bound = net->bind({"192.0.2.1", 0});
    EXPECT_FALSE(bound);
    EXPECT_EQ(bound.error().value(), EADDRNOTAVAIL);
}

TEST_F(machine_net_test, speaks_both_generations_of_the_internet_protocol) {
    const auto bound = net->bind({"::1", 0});
    if (!bound) GTEST_SKIP() << "no IPv6 here: " << bound.error().message();
    entrance = *bound;
    run([](net_fixture& self) -> awaitable<void> {
        const auto door = self.net->open(self.entrance, self.on(), self.as());
        EXPECT_EQ(self.entrance->local().host, "::1");
        auto client = co_await self.dial(self.entrance->local());
        EXPECT_TRUE(client);
        auto server = co_await self.accept(*door);
        EXPECT_TRUE(server);
        EXPECT_EQ(server->remote().host, "::1");
    });
}

}  // namespace
}  // namespace streamhost
