#include "request_rules.hpp"

#include <gmock/gmock.h>

namespace streamhost::web {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(request_rules, a_target_has_a_path_as_it_came_and_a_decoded_query) {
    const auto parts = split_target("/ws/media?streams=a%2Cb&x=1+2&&flag&streams=c");
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->path, "/ws/media");
    EXPECT_THAT(parts->query, ElementsAre(Pair("", ""), Pair("flag", ""), Pair("streams", "a,b"), Pair("x", "1 2")));
    EXPECT_EQ(split_target("/%2e%2e/etc")->path, "/%2e%2e/etc") << "a path is looked up as it is";
}

TEST(request_rules, a_broken_escape_is_refused) {
    for (const auto* target : {"/?a=%", "/?a=%1", "/?a=%zz", "/?a=%00", "/?a=%-1", "/?a=%ff", "/?%c3=1"}) {
        EXPECT_FALSE(split_target(target)) << target;
    }
    EXPECT_EQ(decode_component("%c3%bc"), "\u00fc");
}

TEST(request_rules, a_host_is_ours_by_number_or_by_a_name_that_we_have) {
    const std::vector<std::string> others{"robot.example"};
    for (const auto* host : {"127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "[2001:db8::1]", "192.168.1.7:80", "localhost",
                             "LocalHost:8080", "localhost.:8080", "cart", "cart:8080", "CART.local:8080", "robot.example:8080"}) {
        EXPECT_TRUE(is_own_host(host, "cart", others)) << host;
    }
    for (const auto* host : {"", ":8080", "evil.example", "cart.evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                             "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:x", "127.0.0.1:99999", "[::1", "[::1]x", "[evil]", "::1",
                             "cart:8080:8080", "0x7f.1", "127.1", "cart/x", "a@cart"}) {
        EXPECT_FALSE(is_own_host(host, "cart", others)) << host;
    }
    EXPECT_FALSE(is_own_host(".local", "", {}));
}

TEST(request_rules, an_origin_is_ours_where_it_is_the_host_that_was_called) {
    EXPECT_TRUE(is_same_origin("http://cart:8080", "cart:8080"));
    EXPECT_TRUE(is_same_origin("http://CART:8080", "cart:8080"));
    EXPECT_TRUE(is_same_origin("https://robot.example", "robot.example"));
    EXPECT_TRUE(is_same_origin("http://cart", "cart:80"));
    for (const auto* origin : {"", "null", "http://", "http://cart", "http://cart:8081", "http://evil.example", "file://cart:8080",
                               "http://cart:8080.evil.example", "http://cart:8080/", "cart:8080", "ws://cart:8080"}) {
        EXPECT_FALSE(is_same_origin(origin, "cart:8080")) << origin;
    }
}

TEST(request_rules, this_machine_is_what_the_kernel_calls_loopback) {
    for (const auto* host : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) EXPECT_TRUE(is_loopback({host, 1})) << host;
    for (const auto* host : {"10.0.0.1", "::ffff:10.0.0.1", "fe80::1", "nonsense", ""}) EXPECT_FALSE(is_loopback({host, 1})) << host;
}

}  // namespace
}  // namespace streamhost::web
