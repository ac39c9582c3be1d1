#include "topology/address_text.hpp"

#include <gtest/gtest.h>

namespace streamhost {
namespace {

TEST(parse_host_and_port, reads_names_and_both_kinds_of_addresses) {
    const auto v4 = parse_host_and_port("127.0.0.1:9699");
    ASSERT_TRUE(v4.has_value());
    EXPECT_EQ(v4->host, "127.0.0.1");
    EXPECT_EQ(v4->port, 9699);
    const auto v6 = parse_host_and_port("[::1]:0");
    ASSERT_TRUE(v6.has_value());
    EXPECT_EQ(v6->host, "::1");
    EXPECT_EQ(v6->port, 0);
    EXPECT_EQ(parse_host_and_port("robot.local:65535")->host, "robot.local");
}

TEST(parse_host_and_port, refuses_what_is_none) {
    for (const auto* text : {"", ":", "9699", ":9699", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                             "127.0.0.1:+1", "::1:9699", "[::1]", "[127.0.0.1]:1", "a b:1", "[::1:5", "host:1x"}) {
        EXPECT_FALSE(parse_host_and_port(text).has_value()) << text;
    }
}

TEST(is_loopback, knows_this_machine) {
    for (const auto* host : {"127.0.0.1", "127.255.0.3", "::1", "0:0:0:0:0:0:0:1", "localhost"})
        EXPECT_TRUE(is_loopback(host)) << host;
    for (const auto* host :
         {"0.0.0.0", "::", "128.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", "robot", "localhost.evil.org", ""}) {
        EXPECT_FALSE(is_loopback(host)) << host;
    }
}

TEST(parse_network, gives_the_canonical_form) {
    EXPECT_EQ(parse_network("192.168.1.0/24")->canonical, "192.168.1.0/24");
    EXPECT_EQ(parse_network("10.1.2.3")->canonical, "10.1.2.3/32");
    EXPECT_EQ(parse_network("FD00::/8")->canonical, "fd00::/8");
    EXPECT_EQ(parse_network("0.0.0.0/0")->canonical, "0.0.0.0/0");
    EXPECT_EQ(parse_network("::1")->canonical, "::1/128");
    EXPECT_FALSE(parse_network("192.168.1.0/24")->had_host_bits);
    const auto sloppy = parse_network("192.168.1.7/20");
    EXPECT_TRUE(sloppy->had_host_bits);
    EXPECT_EQ(sloppy->canonical, "192.168.0.0/20");
}

TEST(parse_network, refuses_what_is_none) {
    for (const auto* text :
         {"", "/", "192.168.1.0/", "192.168.1.0/33", "192.168.1/24", "::/129", "1.2.3.4/-1", "1.2.3.4/ 8", "home"}) {
        EXPECT_FALSE(parse_network(text).has_value()) << text;
    }
    using namespace std::string_view_literals;
    EXPECT_FALSE(parse_network("1.2.3.4\0"sv).has_value());
}

}  // namespace
}  // namespace streamhost
