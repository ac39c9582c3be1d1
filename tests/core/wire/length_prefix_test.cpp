#include <streamhost/wire/length_prefix.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace streamhost {
namespace {

TEST(length_prefix, is_little_endian) {
    const auto prefix = length_prefix::encode(0x0102030405060708);
    for (std::size_t i = 0; i < prefix.size(); ++i) EXPECT_EQ(std::to_integer<std::size_t>(prefix[i]), 8 - i);
}

TEST(length_prefix, takes_one_to_the_limit) {
    EXPECT_EQ(length_prefix::decode(length_prefix::encode(1), 100).value(), 1u);
    EXPECT_EQ(length_prefix::decode(length_prefix::encode(100), 100).value(), 100u);
}

TEST(length_prefix, refuses_zero_as_malformed) {
    EXPECT_EQ(length_prefix::decode(length_prefix::encode(0), 100).error(), errc::malformed);
}

TEST(length_prefix, refuses_more_than_the_limit) {
    for (const std::uint64_t length : {std::uint64_t{101}, std::uint64_t{1} << 32, std::uint64_t{1} << 63,
                                       std::numeric_limits<std::uint64_t>::max()})
        EXPECT_EQ(length_prefix::decode(length_prefix::encode(length), 100).error(), errc::too_large) << length;
}

}  // namespace
}  // namespace streamhost
