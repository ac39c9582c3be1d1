#include <streamhost/wire/utf8.hpp>

#include <gtest/gtest.h>

namespace streamhost {
namespace {

using namespace std::string_view_literals;

TEST(utf8, takes_every_length_of_sequence) {
    EXPECT_TRUE(utf8::is_valid(""));
    EXPECT_TRUE(utf8::is_valid("plain \0 text"sv));
    EXPECT_TRUE(utf8::is_valid("\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"));
}

TEST(utf8, refuses_what_rfc_3629_refuses) {
    for (const auto bad : {"\x80"sv, "\xc3"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv,
                           "\xed\xb3\xbf"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv,
                           "\xff"sv, "\xe2\x82"sv, "\xe2\x82x"sv, "ok\xfe"sv})
        EXPECT_FALSE(utf8::is_valid(bad)) << ::testing::PrintToString(std::string(bad));
}

TEST(utf8, writes_what_it_reads) {
    for (char32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
        std::string text;
        utf8::append(text, code_point);
        const auto read = utf8::decode(text);
        ASSERT_EQ(read.size, text.size());
        ASSERT_EQ(read.code_point, utf8::is_surrogate(code_point) ? utf8::replacement : code_point);
    }
}

}  // namespace
}  // namespace streamhost
