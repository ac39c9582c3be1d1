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

TEST(utf8, what_is_shown_cannot_act_on_a_terminal_or_on_how_the_rest_is_read) {
    EXPECT_EQ(utf8::escape_controls("gr\u00fc\u00dfe \u4f60 \U0001f600 \\n"), "gr\u00fc\u00dfe \u4f60 \U0001f600 \\n");
    EXPECT_EQ(utf8::escape_controls("\x1b[2J\a\t\r\n\x7f"), "\\x1b[2J\\x07\\x09\\x0d\\x0a\\x7f");
    EXPECT_EQ(utf8::escape_controls("a\0b"sv), "a\\x00b");
    EXPECT_EQ(utf8::escape_controls("\u009b2J"), "\\x9b2J") << "a C1 control";
    EXPECT_EQ(utf8::escape_controls("\u202eevil\u2066\u2069\u200f\u2028"), "\\u202eevil\\u2066\\u2069\\u200f\\u2028");
    EXPECT_EQ(utf8::escape_controls("\xff\xed\xa0\x80 \xe2\x82"), "\\xff\\xed\\xa0\\x80 \\xe2\\x82");
}

}  // namespace
}  // namespace streamhost
