#include "topology/json_reader.hpp"
#include "topology/variables.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace streamhost {
namespace {

/// The document after overrides and variables, or its problems.
struct outcome {
    std::string json;
    std::vector<problem> problems;
};

outcome expanded(std::string_view text, const environment_lookup& variables = {}) {
    problem_list problems;
    auto root = read_json(text, problems);
    expand_variables(*root, variables, problems);
    return {boost::json::serialize(plain(*root)), problems.sorted()};
}

outcome overridden(std::string_view text, std::string_view path, std::string_view value) {
    problem_list problems;
    auto root = read_json(text, problems);
    apply_override(*root, path, value, place{0, 0, 0}, problems);
    return {boost::json::serialize(plain(*root)), problems.sorted()};
}

std::optional<std::string> some(std::string_view name) {
    if (name == "NUMBER") return "30";
    if (name == "TEXT") return "/dev/video0";
    if (name == "QUOTED") return "\"30\"";
    if (name == "OBJECT") return "{\"a\": [1, \"${TEXT}\"]}";
    if (name == "EMPTY") return "";
    if (name == "BROKEN") return "{\"a\": 1";
    if (name == "LATIN1") return "caf\xe9";
    return std::nullopt;
}

TEST(variables, become_json_where_they_are_and_text_where_not) {
    EXPECT_EQ(expanded(R"({"a":"${NUMBER}"})", some).json, R"({"a":30})");
    EXPECT_EQ(expanded(R"({"a":"${TEXT}"})", some).json, R"({"a":"/dev/video0"})");
    EXPECT_EQ(expanded(R"({"a":"${QUOTED}"})", some).json, R"({"a":"30"})");
    EXPECT_EQ(expanded(R"({"a":"${EMPTY}"})", some).json, R"({"a":""})");
    EXPECT_EQ(expanded(R"({"a":"${BROKEN}"})", some).json, R"({"a":"{\"a\": 1"})");
}

TEST(variables, are_not_expanded_twice) {
    EXPECT_EQ(expanded(R"({"a":"${OBJECT}"})", some).json, R"({"a":{"a":[1,"${TEXT}"]}})");
}

TEST(variables, come_from_vars_before_the_environment) {
    EXPECT_EQ(expanded(R"({"vars":{"NUMBER":7},"a":"${NUMBER}"})", some).json, R"({"vars":{"NUMBER":7},"a":7})");
    EXPECT_EQ(expanded(R"({"vars":{"X":"8"},"a":["${X}"]})", some).json, R"({"vars":{"X":"8"},"a":[8]})");
}

TEST(variables, inside_vars_come_from_the_environment_alone) {
    EXPECT_EQ(expanded(R"({"vars":{"X":"${NUMBER}"},"a":"${X}"})", some).json, R"({"vars":{"X":30},"a":30})");
    const auto circular = expanded(R"({"vars":{"X":"${Y}","Y":"${X}"},"a":"${X}"})", some);
    EXPECT_EQ(circular.problems.size(), 2u);
}

TEST(variables, take_their_default_when_unset) {
    EXPECT_EQ(expanded(R"({"a":"${NO:-5}"})", some).json, R"({"a":5})");
    EXPECT_EQ(expanded(R"({"a":"${NO:-}"})", some).json, R"({"a":""})");
    EXPECT_EQ(expanded(R"({"a":"${NO:-{\"b\":[]}}"})", some).json, R"({"a":{"b":[]}})");
    EXPECT_EQ(expanded(R"({"a":"${NUMBER:-5}"})", some).json, R"({"a":30})");
    EXPECT_EQ(expanded(R"({"a":"${EMPTY:-5}"})", some).json, R"({"a":""})");  // set, though to nothing
}

TEST(variables, are_a_problem_at_their_place_when_unset) {
    const auto result = expanded("{\n \"a\": [1, \"${NO}\"] }", some);
    ASSERT_EQ(result.problems.size(), 1u);
    EXPECT_EQ(result.problems[0].path, "a[1]");
    EXPECT_EQ(result.problems[0].where, (place{-1, 2, 11}));
    EXPECT_EQ(result.problems[0].text,
              "the variable `NO` is not set; give it in the environment, in `vars`, or write `${NO:-default}`");
}

TEST(variables, stand_inside_a_text) {
    EXPECT_EQ(expanded(R"({"vars":{"HOST":"0.0.0.0","PORT":9699},"a":"${HOST}:${PORT}"})").json,
              R"({"vars":{"HOST":"0.0.0.0","PORT":9699},"a":"0.0.0.0:9699"})");
    EXPECT_EQ(expanded(R"({"a":"x${TEXT}","b":"${TEXT}y","c":"${NO:-5}-${NUMBER}"})", some).json,
              R"({"a":"x/dev/video0","b":"/dev/video0y","c":"5-30"})");
    EXPECT_EQ(expanded(R"({"a":"$${TEXT} is ${TEXT}, $$5"})", some).json, R"({"a":"${TEXT} is /dev/video0, $5"})");
    // As it is written: no number becomes another one on the way.
    EXPECT_EQ(expanded(R"({"vars":{"X":"1.50"},"a":"v${X}"})").json, R"({"vars":{"X":"1.50"},"a":"v1.50"})");
}

TEST(variables, that_are_no_text_stand_in_none) {
    const auto result = expanded(R"({"vars":{"L":[1],"N":null,"O":{}},"a":"x${L}","b":"x${N}","c":"x${O}"})");
    ASSERT_EQ(result.problems.size(), 3u);
    EXPECT_EQ(result.problems[0].path, "a");
    EXPECT_EQ(result.problems[0].text, "the variable `L` is a list, which cannot be a part of a text");
}

TEST(variables, have_a_name_and_an_end) {
    for (const auto* text : {"${}", "${1A}", "${A B}", "${A", "a ${A", "${NO:-${TEXT}}"}) {
        boost::json::object root{{"a", text}};
        EXPECT_EQ(expanded(boost::json::serialize(root), some).problems.size(), 1u) << text;
    }
}

TEST(variables, inside_a_text_are_a_problem_each_when_unset) {
    const auto result = expanded(R"({"a":"${NO}:${NEITHER}"})", some);
    ASSERT_EQ(result.problems.size(), 2u);
    EXPECT_EQ(result.problems[0].path, "a");
}

TEST(variables, two_dollars_are_one) {
    EXPECT_EQ(expanded(R"({"a":"$${TEXT}","b":"$$$$","c":"5$","d":"$x"})", some).json,
              R"({"a":"${TEXT}","b":"$$","c":"5$","d":"$x"})");
}

TEST(variables, that_are_no_utf8_are_a_problem) {
    EXPECT_EQ(expanded(R"({"a":"${LATIN1}"})", some).problems.size(), 1u);
    EXPECT_EQ(expanded(R"({"a":"x${LATIN1}"})", some).problems.size(), 1u);
}

TEST(variables, cannot_make_the_topology_too_large) {
    std::string text = R"({"vars":{"X":[)";
    for (int i = 0; i < 1000; ++i) text += "1,";
    text += R"(]},"a":[)";
    for (int i = 0; i < 1000; ++i) text += "\"${X}\",";
    const auto result = expanded(text + "]}");
    ASSERT_EQ(result.problems.size(), 1u);
    EXPECT_EQ(result.problems[0].text, "`X` makes the topology too large");
    EXPECT_LT(result.json.size(), 1'000'000u);
}

TEST(overrides, replace_and_create) {
    EXPECT_EQ(overridden(R"({"a":{"b":1}})", "a.b", "2").json, R"({"a":{"b":2}})");
    EXPECT_EQ(overridden(R"({"a":{"b":1}})", "a.b", "/dev/video2").json, R"({"a":{"b":"/dev/video2"}})");
    EXPECT_EQ(overridden(R"({})", "a.b.c", "[1]").json, R"({"a":{"b":{"c":[1]}}})");
    EXPECT_EQ(overridden(R"({"a":[1,{"b":2}]})", "a.1.b", "3").json, R"({"a":[1,{"b":3}]})");
    EXPECT_EQ(overridden(R"({"a":1})", "a", "").json, R"({"a":""})");
}

TEST(overrides, refuse_paths_that_lead_nowhere) {
    for (const auto* path : {"", ".", "a.", ".a", "a..b", "a.b.c", "l.5", "l.x", "l.-1"}) {
        const auto result = overridden(R"({"a":{"b":1},"l":[1]})", path, "2");
        EXPECT_EQ(result.problems.size(), 1u) << path;
    }
    std::string deep = "a";
    for (int i = 0; i < 40; ++i) deep += ".a";
    EXPECT_EQ(overridden("{}", deep, "1").problems.size(), 1u);
    EXPECT_EQ(overridden("{}", "a.b", std::string(31, '[') + std::string(31, ']')).problems.size(), 1u);
}

}  // namespace
}  // namespace streamhost
