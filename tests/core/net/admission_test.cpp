#include "net/admission.hpp"
#include "observe/log_tap.hpp"

#include <gmock/gmock.h>

namespace streamhost {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

net_address from(const std::string& host) { return {host, 1234}; }

TEST(allow_list_test, loopback_is_what_the_kernel_calls_so) {
    const allow_list allow({});
    for (const char* host : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) {
        EXPECT_TRUE(allow.is_loopback(from(host))) << host;
    }
    for (const char* host : {"10.0.0.1", "::2", "::ffff:10.0.0.1", "0.0.0.0", "128.0.0.1"}) {
        EXPECT_FALSE(allow.is_loopback(from(host))) << host;
    }
}

TEST(allow_list_test, names_networks_and_single_hosts_of_both_kinds) {
    const allow_list allow({"192.168.1.0/24", "10.1.2.3", "fd00::/8", "2001:db8::1"});
    for (const char* host : {"192.168.1.0", "192.168.1.255", "10.1.2.3", "fd00::1", "fdff:ffff::", "2001:db8::1",
                             "::ffff:192.168.1.7"}) {
        EXPECT_TRUE(allow.is_named(from(host))) << host;
    }
    for (const char* host : {"192.168.2.1", "192.168.0.255", "10.1.2.4", "fe80::1", "2001:db8::2", "127.0.0.1",
                             "::ffff:192.168.2.7", "::192.168.1.7"}) {
        EXPECT_FALSE(allow.is_named(from(host))) << host;
    }
}

TEST(allow_list_test, everybody_is_a_network_too) {
    EXPECT_TRUE(allow_list({"0.0.0.0/0"}).is_named(from("8.8.8.8")));
    EXPECT_FALSE(allow_list({"0.0.0.0/0"}).is_named(from("2001:db8::1")));
    EXPECT_TRUE(allow_list({"::/0"}).is_named(from("2001:db8::1")));
}

class admission_test : public ::testing::Test {
protected:
    std::vector<std::string> lines;
    log_tap tap{[this](log_level, std::string_view, std::string_view line) { lines.emplace_back(line); }};
    logger log{"server"};
};

TEST_F(admission_test, lets_loopback_and_named_networks_in) {
    admission door(allow_list({"10.0.0.0/8"}), {}, log);
    EXPECT_TRUE(door.admit(from("127.0.0.1")));
    EXPECT_TRUE(door.admit(from("10.9.8.7")));
    EXPECT_EQ(door.admitted.value(), 2u);
    EXPECT_THAT(lines, IsEmpty());
}

TEST_F(admission_test, lets_everybody_in_where_a_server_asks_for_a_proof_of_its_own_up_to_the_limit) {
    session_limits limits;
    limits.max_connections = 2;
    admission door(allow_list({}), limits, log, session_peers::everybody);
    const auto first = door.admit(from("192.168.1.9"));
    const auto second = door.admit(from("2001:db8::1"));
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(door.admit(from("192.168.1.9")));
    EXPECT_EQ(door.refused_by_limit.value(), 1u);
}

TEST_F(admission_test, refuses_others_counts_each_time_and_says_so_once_for_each_address) {
    admission door(allow_list({"10.0.0.0/8"}), {}, log);
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(door.admit(from("192.168.1.9")));
    EXPECT_FALSE(door.admit(from("192.168.1.10")));
    EXPECT_EQ(door.refused_by_network.value(), 6u);
    EXPECT_THAT(lines, ElementsAre("refused 192.168.1.9: its network is not in `allow`; add it there to let it in",
                                   "refused 192.168.1.10: its network is not in `allow`; add it there to let it in"));
}

TEST_F(admission_test, a_place_is_given_back_when_the_session_goes) {
    admission door(allow_list({}), {.max_connections = 2}, log);
    auto first = door.admit(from("127.0.0.1"));
    auto second = door.admit(from("127.0.0.1"));
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(door.admit(from("127.0.0.1")));
    EXPECT_EQ(door.refused_by_limit.value(), 1u);
    first.reset();
    auto third = door.admit(from("127.0.0.1"));
    EXPECT_TRUE(third);
    EXPECT_FALSE(door.admit(from("127.0.0.1")));
    EXPECT_THAT(lines, ElementsAre("refused 127.0.0.1: all connections are in use; raise `limits.max_connections` to let "
                                   "more in"));
}

TEST_F(admission_test, a_session_may_outlive_its_listener) {
    auto door = std::make_unique<admission>(allow_list({}), session_limits{}, log);
    auto place = door->admit(from("127.0.0.1"));
    door.reset();
    place.reset();
}

TEST_F(admission_test, does_not_remember_everybody_who_ever_knocked) {
    admission door(allow_list({}), {}, log);
    for (int i = 0; i < 10'000; ++i) {
        EXPECT_FALSE(door.admit(from("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250))));
    }
    EXPECT_LE(door.remembered(), 4096u);
}

}  // namespace
}  // namespace streamhost
