#include <streamhost/net.hpp>

#include <gtest/gtest.h>

#include <string>

namespace streamhost {
namespace {

struct address_case {
    const char* text;
    const char* host;  ///< null: malformed
    std::uint16_t port = 0;
};

class net_address_test : public ::testing::TestWithParam<address_case> {};

TEST_P(net_address_test, reads_what_people_write) {
    const auto& expected = GetParam();
    const auto address = net_address::parse(expected.text);
    if (expected.host == nullptr) {
        EXPECT_FALSE(address) << address->host;
        return;
    }
    ASSERT_TRUE(address) << expected.text;
    EXPECT_EQ(address->host, expected.host);
    EXPECT_EQ(address->port, expected.port);
    EXPECT_EQ(address->to_string(), expected.text);
}

INSTANTIATE_TEST_SUITE_P(
    good, net_address_test,
    ::testing::Values(address_case{"127.0.0.1:9999", "127.0.0.1", 9999}, address_case{"127.0.0.1:0", "127.0.0.1", 0},
                      address_case{"0.0.0.0:65535", "0.0.0.0", 65535}, address_case{"[::1]:80", "::1", 80},
                      address_case{"[fe80::1%eth0]:80", "fe80::1%eth0", 80}, address_case{"robot.local:9699", "robot.local", 9699},
                      address_case{"r:1", "r", 1}));

INSTANTIATE_TEST_SUITE_P(
    malformed, net_address_test,
    ::testing::Values(address_case{"", nullptr}, address_case{":", nullptr}, address_case{":80", nullptr},
                      address_case{"127.0.0.1", nullptr}, address_case{"127.0.0.1:", nullptr},
                      address_case{"127.0.0.1:x", nullptr}, address_case{"127.0.0.1:80x", nullptr},
                      address_case{"127.0.0.1: 80", nullptr}, address_case{"127.0.0.1:-1", nullptr},
                      address_case{"127.0.0.1:+1", nullptr}, address_case{"127.0.0.1:65536", nullptr},
                      address_case{"127.0.0.1:99999999999999999999", nullptr}, address_case{"::1:80", nullptr},
                      address_case{"[::1]", nullptr}, address_case{"[::1]80", nullptr}, address_case{"[]:80", nullptr},
                      address_case{"[::1:80", nullptr}, address_case{"::1]:80", nullptr}));

}  // namespace
}  // namespace streamhost
