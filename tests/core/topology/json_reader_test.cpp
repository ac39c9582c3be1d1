#include "topology/json_reader.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace streamhost {
namespace {

std::string at(place where) { return fmt::format("{}:{}", where.line, where.column); }

located_value read(std::string_view text) {
    problem_list problems;
    auto value = read_json(text, problems);
    EXPECT_EQ(problems.size(), 0u) << text;
    EXPECT_TRUE(value.has_value()) << text;
    return value ? std::move(*value) : located_value{};
}

std::string error_of(std::string_view text) {
    problem_list problems;
    read_json(text, problems);
    std::string all;
    for (const auto& problem : problems.sorted()) all += fmt::format("{} {};", at(problem.where), problem.text);
    return all;
}

TEST(json_reader, knows_where_every_kind_of_value_stands) {
    const auto root = read("{\n  \"a\": [1, -2.5e3 , true,false, null],\n\t\"b\" :\"x\" ,\"c\":{}\n}");
    EXPECT_EQ(at(root.where), "1:1");
    const auto& a = *root.find("a");
    EXPECT_EQ(at(a.key_where), "2:3");
    EXPECT_EQ(at(a.value.where), "2:8");
    ASSERT_EQ(a.value.elements.size(), 5u);
    EXPECT_EQ(at(a.value.elements[0].where), "2:9");
    EXPECT_EQ(at(a.value.elements[1].where), "2:12");
    EXPECT_EQ(at(a.value.elements[2].where), "2:21");
    EXPECT_EQ(at(a.value.elements[3].where), "2:26");
    EXPECT_EQ(at(a.value.elements[4].where), "2:33");
    EXPECT_EQ(at(root.find("b")->key_where), "3:2");
    EXPECT_EQ(at(root.find("b")->value.where), "3:7");
    EXPECT_EQ(at(root.find("c")->value.where), "3:16");
}

TEST(json_reader, counts_code_points_not_bytes) {
    const auto root = read("{ /* grün 🤖 */ \"größe\": \"🤖\", \"x\": 1 }");
    EXPECT_EQ(at(root.find("größe")->key_where), "1:16");
    EXPECT_EQ(at(root.find("größe")->value.where), "1:25");
    EXPECT_EQ(at(root.find("x")->value.where), "1:35");
}

TEST(json_reader, finds_the_start_of_strings_full_of_quotes_and_slashes) {
    const auto root = read(R"({"a\"b\\": "\\\"\"", "c": "\\", "d":"", "e": ["\u0022","x\\\\"]})");
    EXPECT_EQ(at(root.members[0].key_where), "1:2");
    EXPECT_EQ(root.members[0].key, "a\"b\\");
    EXPECT_EQ(at(root.members[0].value.where), "1:12");
    EXPECT_EQ(root.members[0].value.text(), "\\\"\"");
    EXPECT_EQ(at(root.find("c")->value.where), "1:27");
    EXPECT_EQ(at(root.find("d")->value.where), "1:37");
    EXPECT_EQ(at(root.find("e")->value.elements[0].where), "1:47");
    EXPECT_EQ(at(root.find("e")->value.elements[1].where), "1:56");
}

TEST(json_reader, finds_strings_and_numbers_that_touch_a_comment) {
    const auto root = read("[/* \\ */\"a\",/*1*/23/*4*/,//\\\n\"b\"// \"c\"\n]//end");
    ASSERT_EQ(root.elements.size(), 3u);
    EXPECT_EQ(at(root.elements[0].where), "1:9");
    EXPECT_EQ(at(root.elements[1].where), "1:18");
    EXPECT_EQ(root.elements[1].scalar.as_int64(), 23);
    EXPECT_EQ(at(root.elements[2].where), "2:1");
}

TEST(json_reader, takes_comments_wherever_blanks_may_stand) {
    for (const auto* text :
         {"// first\n[1]", "/**/[1]", "[1]//", "[1]/**/ // x", "[/*x*/1]", "[1/*x*/]", "[1,/*x*/]", "[1//\n]"}) {
        EXPECT_EQ(boost::json::serialize(plain(read(text))), "[1]") << text;
    }
    for (const auto* text :
         {"{/**/\"a\":1}", "{\"a\"/**/:1}", "{\"a\":/**/1}", "{\"a\"://\n1}", "{\"a\":1/**/}", "{\"a\":1,/**/}"}) {
        EXPECT_EQ(boost::json::serialize(plain(read(text))), "{\"a\":1}") << text;
    }
    EXPECT_EQ(read("[\"// no /* comment */\"]").elements[0].text(), "// no /* comment */");
}

TEST(json_reader, reads_a_lone_scalar) {
    EXPECT_EQ(read("30").scalar.as_int64(), 30);
    EXPECT_EQ(read(" \"x\" ").text(), "x");
    EXPECT_EQ(read("-0.5").scalar.as_double(), -0.5);
    EXPECT_EQ(read("18446744073709551615").scalar.as_uint64(), 18446744073709551615u);
}

TEST(json_reader, reads_doubles_to_the_last_place) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 2000; ++i) {
        const double number = std::ldexp(static_cast<double>(random() >> 11), static_cast<int>(random() % 200) - 150);
        const auto text = fmt::format("{}e0", number);
        if (text.find('e') != text.rfind('e')) continue;
        EXPECT_EQ(read(text).scalar.as_double(), number) << text;
    }
}

TEST(json_reader, says_where_a_text_stops_being_json) {
    EXPECT_EQ(error_of("{\n  \"a\" 1 }"), "2:7 not JSON: unexpected \"1\";");
    EXPECT_EQ(error_of("{ \"a\": tru }"), "1:11 not JSON: unexpected \" \";");
    EXPECT_EQ(error_of("{ \"a\": é }"), "1:8 not JSON: unexpected \"é\";");
    EXPECT_EQ(error_of("[1, 2"), "1:6 not JSON: the text ends too early; a bracket or a quote is not closed;");
    EXPECT_EQ(error_of("[1]\n/* open"), "2:1 not JSON: the comment is not closed;");
    EXPECT_EQ(error_of(""), "1:1 not JSON: the text ends too early; a bracket or a quote is not closed;");
    EXPECT_EQ(error_of("{} x"), "1:4 not JSON: something follows after the end of the topology;");
    EXPECT_EQ(error_of("[01]"), "1:3 not JSON: unexpected \"1\";");
    EXPECT_EQ(error_of("[,]"), "1:2 not JSON: unexpected \",\";");
    EXPECT_EQ(error_of("[\"a\nb\"]"), "1:4 not JSON: unexpected end of the line;");
    EXPECT_EQ(error_of("[1e999]"), "1:7 a number that is too large;");
}

TEST(json_reader, reports_every_duplicate_and_keeps_the_first) {
    problem_list problems;
    const auto root = read_json("{ \"a\": 1,\n \"a\": { \"b\": 1, \"b\": 2 },\n \"\\u0061\": 3 }", problems);
    ASSERT_TRUE(root.has_value());
    EXPECT_EQ(root->members.size(), 1u);
    EXPECT_EQ(root->find("a")->value.scalar.as_int64(), 1);
    const auto found = problems.sorted();
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(at(found[0].where), "2:2");
    EXPECT_EQ(found[0].text, "the key \"a\" is here for the second time, first at 1:3");
    EXPECT_EQ(at(found[1].where), "2:17");
    EXPECT_EQ(at(found[2].where), "3:2");
}

TEST(json_reader, refuses_what_is_no_utf8) {
    EXPECT_EQ(error_of("[\"a\xff\"]"), "1:4 not UTF-8;");
    EXPECT_EQ(error_of("[\"\xc0\xaf\"]"), "1:3 not UTF-8;");          // overlong
    EXPECT_EQ(error_of("[\"\xed\xa0\x80\"]"), "1:3 not UTF-8;");      // a surrogate
    EXPECT_EQ(error_of("[\"\xf4\x90\x80\x80\"]"), "1:3 not UTF-8;");  // beyond the last code point
    EXPECT_EQ(error_of("// \xe2\x82\n[]"), "1:4 not UTF-8;");         // in a comment, cut short
    EXPECT_EQ(read("[\"\xf4\x8f\xbf\xbf\"]").elements.size(), 1u);
}

TEST(json_reader, keeps_its_limits) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_EQ(error_of(nested(max_topology_depth)), "");
    EXPECT_EQ(error_of(nested(max_topology_depth + 1)), "1:33 nested deeper than 32 levels;");
    const auto list = [](std::size_t count) {
        std::string text = "[0";
        while (--count > 0) text += ",0";
        return text + "]";
    };
    EXPECT_EQ(error_of(list(max_topology_values - 1)), "");
    EXPECT_NE(error_of(list(max_topology_values)).find("more than 65536 values"), std::string::npos);
    EXPECT_EQ(error_of("[]" + std::string(max_topology_bytes - 2, ' ')), "");
    EXPECT_EQ(error_of("[]" + std::string(max_topology_bytes - 1, ' ')), "1:1 larger than 1048576 bytes;");
}

/// A random value as JSON text with blanks and comments strewn in.
class random_text {
public:
    explicit random_text(unsigned seed) : random_(seed) {}

    std::string value(int depth) {
        static const std::vector<std::string> scalars{"null",
                                                      "true",
                                                      "false",
                                                      "0",
                                                      "-1",
                                                      "3.25",
                                                      "1e3",
                                                      "\"\"",
                                                      "\"a\\\"b\"",
                                                      "\"\\\\\"",
                                                      "\"\\u20ac\\ud83e\\udd16\"",
                                                      "\"größe\"",
                                                      "12345678901"};
        const auto kind = depth == 0 ? 0 : random_() % 3;
        if (kind == 0) return gap() + scalars[random_() % scalars.size()] + gap();
        std::string text = gap() + (kind == 1 ? "[" : "{");
        const auto count = random_() % 4;
        for (unsigned i = 0; i < count; ++i) {
            if (kind == 2) text += fmt::format("{}\"k\\\"{}\"{}:", gap(), i, gap());
            text += value(depth - 1);
            if (i + 1 < count || random_() % 2 == 0) text += ",";
        }
        return text + gap() + (kind == 1 ? "]" : "}") + gap();
    }

private:
    std::string gap() {
        static const std::vector<std::string> gaps{"", "", " ", "\n", "\t", "/* \" \\ */", "// [\n", "\r\n"};
        return gaps[random_() % gaps.size()];
    }
    std::mt19937 random_;
};

TEST(json_reader, agrees_with_the_parser_of_the_library) {
    boost::json::parse_options options;
    options.allow_comments = true;
    options.allow_trailing_commas = true;
    for (unsigned seed = 0; seed < 500; ++seed) {
        const auto text = random_text(seed).value(5);
        const auto expected = boost::json::parse(text, {}, options);
        EXPECT_EQ(boost::json::serialize(plain(read(text))), boost::json::serialize(expected)) << text;
    }
}

}  // namespace
}  // namespace streamhost
