#include <streamhost/wire/base64.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace streamhost {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string encoded(std::string_view text) { return std::string(base64::encode(bytes_of(text)).as_text()); }

/// "refused" where it is.
std::string decoded(std::string_view text) {
    const auto bytes = base64::decode(bytes_of(text));
    if (!bytes) {
        EXPECT_EQ(bytes.error(), errc::malformed);
        return "refused";
    }
    return std::string(bytes->as_text());
}

TEST(base64_test, writes_and_reads_what_the_standard_says) {
    // RFC 4648, section 10.
    const std::pair<std::string_view, std::string_view> vectors[] = {
        {"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
    };
    for (const auto& [plain, text] : vectors) {
        EXPECT_EQ(encoded(plain), text);
        EXPECT_EQ(decoded(text), plain);
        EXPECT_EQ(base64::encoded_size(plain.size()), text.size());
    }
}

TEST(base64_test, knows_every_digit) {
    std::string bytes;
    for (int i = 0; i < 64; i += 4) {
        const int bits = i << 18 | (i + 1) << 12 | (i + 2) << 6 | (i + 3);
        for (const int shift : {16, 8, 0}) bytes += static_cast<char>(bits >> shift);
    }
    EXPECT_EQ(encoded(bytes), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    EXPECT_EQ(decoded(encoded(bytes)), bytes);
}

TEST(base64_test, any_bytes_of_any_length_come_back) {
    std::mt19937 random(1);
    for (std::size_t size = 0; size < 200; ++size) {
        std::vector<std::byte> bytes(size);
        std::ranges::generate(bytes, [&] { return static_cast<std::byte>(random()); });
        const auto text = base64::encode(bytes);
        EXPECT_EQ(text.size(), base64::encoded_size(size));
        const auto again = base64::decode(text.span());
        ASSERT_TRUE(again) << size;
        EXPECT_TRUE(std::ranges::equal(again->span(), bytes)) << size;
    }
}

TEST(base64_test, refuses_what_is_not_exactly_that) {
    for (const std::string_view text : {
             "Zg=",       "Zg",        "Z",         "Zm8",       "Zm9vY",              // padding is missing
             "=",         "==",        "====",      "A===",      "=AAA",    "A=AA",    "AA=A",   // it stands wrong
             "Zg==Zg==",  "Zm8=Zm8=",                                                  // and in the middle
             "Zm9v\n",    "Zm9v\n\n\n\n", "Zm 9", " Zm9", "Zm9v    ", "Zm-_",          // other letters
             "Zh==",      "Zm9=",      "AB==",                                         // bits that stand for nothing
         })
        EXPECT_EQ(decoded(text), "refused") << text;
    EXPECT_EQ(decoded(std::string_view("Zm9\0", 4)), "refused");
    for (int letter = 0; letter < 256; ++letter) {
        const bool digit = std::isalnum(letter) != 0 || letter == '+' || letter == '/';
        const std::string text{'A', static_cast<char>(letter), 'A', 'A'};
        EXPECT_EQ(decoded(text) != "refused", digit) << letter;
    }
}

}  // namespace
}  // namespace streamhost
