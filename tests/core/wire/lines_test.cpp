#include <streamhost/wire/lines.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace streamhost {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The lines of a text that comes in pieces of `size` bytes; an error as its text in brackets.
std::vector<std::string> split(std::string_view text, std::size_t size, bool finish = false) {
    lines::splitter splitter;
    std::vector<std::string> found;
    const auto note = [&](const result<std::string>& line) {
        found.push_back(line ? *line : "[" + line.error().message() + "]");
    };
    while (!text.empty()) {
        auto piece = text.substr(0, size);
        text.remove_prefix(piece.size());
        while (!piece.empty()) {
            if (const auto line = splitter.next(piece)) note(*line);
        }
    }
    if (finish) {
        if (const auto line = splitter.finish()) note(*line);
    }
    return found;
}

const std::string too_large = "[" + make_error_code(errc::too_large).message() + "]";
const std::string malformed = "[" + make_error_code(errc::malformed).message() + "]";

TEST(lines, come_the_same_in_whatever_pieces) {
    const auto text = "hello\n\ngr\u00fc\u00dfe\r\n\r\n a \r b \nrest"s;
    for (std::size_t size = 1; size <= text.size(); ++size) {
        EXPECT_THAT(split(text, size), ElementsAre("hello", "", "gr\u00fc\u00dfe", "", " a \r b ")) << size;
        EXPECT_THAT(split(text, size, true), ElementsAre("hello", "", "gr\u00fc\u00dfe", "", " a \r b ", "rest")) << size;
    }
}

TEST(lines, nothing_is_no_line) {
    EXPECT_THAT(split("", 1, true), IsEmpty());
    EXPECT_THAT(split("a\n", 1, true), ElementsAre("a"));
}

TEST(lines, of_the_largest_size_are_taken_and_larger_ones_refused_whole) {
    const std::string largest(lines::max_line, 'x'), larger(lines::max_line + 1, 'x');
    const auto much = larger + std::string(3 * lines::max_line, 'y');
    for (const std::size_t size : {std::size_t{1}, std::size_t{4096}, much.size() * 4}) {
        EXPECT_THAT(split(largest + "\n" + largest + "\r\nnext\n", size), ElementsAre(largest, largest, "next"));
        EXPECT_THAT(split(larger + "\nnext\n" + much + "\nlast\n", size), ElementsAre(too_large, "next", too_large, "last"));
        EXPECT_THAT(split(much, size, true), ElementsAre(too_large));
    }
}

TEST(lines, that_are_too_large_are_known_before_they_end) {
    lines::splitter splitter;
    const std::string larger(lines::max_line + 2, 'x');
    std::string_view bytes(larger);
    EXPECT_FALSE(splitter.inside_line());
    EXPECT_FALSE(splitter.next(bytes));
    EXPECT_TRUE(splitter.too_large());
    EXPECT_TRUE(splitter.inside_line());
}

TEST(lines, may_have_a_limit_of_their_own) {
    lines::splitter splitter(4);
    std::string_view bytes("1234\r\n12345\n1\n");
    EXPECT_EQ(splitter.next(bytes)->value(), "1234");
    EXPECT_EQ(splitter.next(bytes)->error(), errc::too_large);
    EXPECT_EQ(splitter.next(bytes)->value(), "1");
}

TEST(lines, that_are_not_utf8_are_refused_and_the_next_ones_taken) {
    EXPECT_THAT(split("a\n\xff\nb\n\xe2\x82\nc\n", 2), ElementsAre("a", malformed, "b", malformed, "c"));
    EXPECT_THAT(split("\xe2\x82\xac\n", 1), ElementsAre("\u20ac")) << "in pieces it is still one character";
}

TEST(lines, are_written_with_their_end) {
    EXPECT_EQ(lines::encode("hello"), "hello\n");
    EXPECT_EQ(lines::encode(""), "\n");
    EXPECT_THAT(split(lines::encode("two\nlines"), 3), ElementsAre("two", "lines"));
}

}  // namespace
}  // namespace streamhost
