#include "rtp/cookie_jar.hpp"

#include <gtest/gtest.h>

namespace streamhost::video::rtp {
namespace {

using namespace std::chrono_literals;
using freshness = cookie_jar::freshness;

class rtp_cookie_jar_test : public ::testing::Test {
protected:
    cookie_jar jar;
    const net_address viewer{"192.0.2.1", 5000};
    const steady_time begun{3000s};
};

TEST_F(rtp_cookie_jar_test, a_cookie_is_for_one_address_only) {
    const auto good = jar.make(viewer, begun);
    EXPECT_EQ(jar.check(good, viewer, begun), freshness::good);
    EXPECT_EQ(jar.check(good, {"192.0.2.1", 5001}, begun), freshness::wrong);
    EXPECT_EQ(jar.check(good, {"192.0.2.2", 5000}, begun), freshness::wrong);
    EXPECT_EQ(jar.check({}, viewer, begun), freshness::wrong);
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto changed = good;
        changed[i] ^= std::byte{1};
        EXPECT_EQ(jar.check(changed, viewer, begun), freshness::wrong) << i;
    }
}

TEST_F(rtp_cookie_jar_test, a_cookie_ages_and_ends) {
    const auto made = jar.make(viewer, begun + 29s);
    EXPECT_EQ(jar.check(made, viewer, begun + 29s), freshness::good);
    EXPECT_EQ(jar.check(made, viewer, begun + 30s), freshness::ageing);
    EXPECT_EQ(jar.check(made, viewer, begun + 59s), freshness::ageing);
    EXPECT_EQ(jar.check(made, viewer, begun + 60s), freshness::wrong);
    EXPECT_EQ(jar.check(made, viewer, begun - 1s), freshness::wrong) << "of a later time";
}

TEST_F(rtp_cookie_jar_test, another_server_makes_others) {
    cookie_jar other;
    EXPECT_EQ(other.check(jar.make(viewer, begun), viewer, begun), freshness::wrong);
}

}  // namespace
}  // namespace streamhost::video::rtp
