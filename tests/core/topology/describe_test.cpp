#include "core/topology/fake_modules.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

enum class colour { red, green };

struct every_kind {
    bool flag = true;
    int number = -3;
    std::uint8_t small = 7;
    std::uint64_t large = 1ull << 40;
    double real = 0.5;
    std::string text = "x";
    std::chrono::milliseconds period = 1500ms;
    std::chrono::microseconds fine = 250us;
    std::vector<std::string> list{"a", "b"};
    colour paint = colour::green;
    std::string word = "two";
    std::variant<std::int64_t, std::string> device = 3;
    std::optional<int> maybe;
    std::optional<colour> maybe_paint = colour::red;
    std::map<std::string, std::string> map{{"k", "v"}};
};

auto every_kind_described() {
    return describe_settings<every_kind>()
        .setting("flag", &every_kind::flag, "h")
        .setting("number", &every_kind::number, "h").range(-5, 5).unit("steps")
        .setting("small", &every_kind::small, "h")
        .setting("large", &every_kind::large, "h")
        .setting("real", &every_kind::real, "h").at_least(0)
        .setting("text", &every_kind::text, "h").exclusive()
        .setting("period", &every_kind::period, "h").range(10ms, 1h)
        .setting("fine", &every_kind::fine, "h")
        .setting("list", &every_kind::list, "h")
        .setting("paint", &every_kind::paint, "h").one_of({{"red", colour::red}, {"green", colour::green}})
        .setting("word", &every_kind::word, "h").one_of({"one", "two"})
        .setting("device", &every_kind::device, "h").exclusive("device")
        .setting("maybe", &every_kind::maybe, "h")
        .setting("maybe_paint", &every_kind::maybe_paint, "h").one_of({{"red", colour::red}, {"green", colour::green}})
        .setting("map", &every_kind::map, "h")
        .schema();
}

boost::json::object defaults_of(const std::vector<setting_info>& settings) {
    boost::json::object object;
    for (const auto& setting : settings) object[setting.name] = setting.default_value;
    return object;
}

TEST(describe, takes_defaults_from_the_member_initialisers) {
    const auto defaults = defaults_of(every_kind_described().settings);
    EXPECT_EQ(
        boost::json::serialize(defaults),
        R"({"flag":true,"number":-3,"small":7,"large":1099511627776,"real":5E-1,"text":"x","period":1500,)"
        R"("fine":2.5E-1,"list":["a","b"],"paint":"green","word":"two","device":3,"maybe":null,"maybe_paint":"red",)"
        R"("map":{"k":"v"}})");
}

TEST(describe, reads_back_what_it_gave_as_defaults) {
    const auto schema = every_kind_described();
    every_kind other{false, 0, 0, 0, 0, "", 0ms, 0us, {}, colour::red, "one", "d", 5, colour::green, {}};
    const auto read = schema.read(defaults_of(schema.settings), other);
    const every_kind usual;
    EXPECT_EQ(read.flag, usual.flag);
    EXPECT_EQ(read.number, usual.number);
    EXPECT_EQ(read.small, usual.small);
    EXPECT_EQ(read.large, usual.large);
    EXPECT_EQ(read.real, usual.real);
    EXPECT_EQ(read.text, usual.text);
    EXPECT_EQ(read.period, usual.period);
    EXPECT_EQ(read.fine, usual.fine);
    EXPECT_EQ(read.list, usual.list);
    EXPECT_EQ(read.paint, usual.paint);
    EXPECT_EQ(read.word, usual.word);
    EXPECT_EQ(read.device, usual.device);
    EXPECT_EQ(read.maybe, usual.maybe);
    EXPECT_EQ(read.maybe_paint, usual.maybe_paint);
    EXPECT_EQ(read.map, usual.map);
}

TEST(describe, reads_what_was_chosen) {
    const auto schema = every_kind_described();
    const auto read = schema.read({{"flag", false},
                                   {"small", 255},
                                   {"real", 3},
                                   {"period", 20},
                                   {"fine", 1.5},
                                   {"list", boost::json::array{"z"}},
                                   {"paint", "red"},
                                   {"device", "/dev/video0"},
                                   {"maybe", 9},
                                   {"maybe_paint", nullptr},
                                   {"map", boost::json::object{{"a", "b"}, {"c", "d"}}}});
    EXPECT_FALSE(read.flag);
    EXPECT_EQ(read.number, -3);
    EXPECT_EQ(read.small, 255);
    EXPECT_EQ(read.real, 3.0);
    EXPECT_EQ(read.period, 20ms);
    EXPECT_EQ(read.fine, 1500us);
    EXPECT_EQ(read.list, std::vector<std::string>{"z"});
    EXPECT_EQ(read.paint, colour::red);
    EXPECT_EQ(std::get<std::string>(read.device), "/dev/video0");
    EXPECT_EQ(read.maybe, 9);
    EXPECT_FALSE(read.maybe_paint.has_value());
    EXPECT_EQ(read.map, (std::map<std::string, std::string>{{"a", "b"}, {"c", "d"}}));
}

TEST(describe, keeps_what_the_author_said) {
    const auto schema = every_kind_described();
    const auto& number = schema.settings[1];
    EXPECT_EQ(number.kind, setting_kind::integer);
    EXPECT_EQ(number.minimum, -5.0);
    EXPECT_EQ(number.maximum, 5.0);
    EXPECT_EQ(number.unit, "steps");
    EXPECT_EQ(schema.settings[2].highest, 255);
    EXPECT_EQ(schema.settings[2].lowest, 0);
    EXPECT_EQ(schema.settings[3].lowest, 0);
    EXPECT_EQ(schema.settings[5].exclusive, "text");
    EXPECT_EQ(schema.settings[6].minimum, 10.0);
    EXPECT_EQ(schema.settings[6].maximum, 3'600'000.0);
    EXPECT_EQ(schema.settings[6].resolution, 1ms);
    EXPECT_EQ(schema.settings[9].choices, (std::vector<std::string>{"red", "green"}));
    EXPECT_EQ(schema.settings[10].kind, setting_kind::choice);
    EXPECT_EQ(schema.settings[11].exclusive, "device");
    EXPECT_TRUE(schema.settings[12].nullable);
}

TEST(describe, gathers_ports_and_abilities) {
    const auto chat = fake::text_types().at(0);
    EXPECT_TRUE(chat.listens);
    EXPECT_TRUE(chat.serves_viewers);
    EXPECT_FALSE(chat.capture);
    ASSERT_EQ(chat.ports.inputs.size(), 1u);
    EXPECT_TRUE(chat.ports.inputs[0].many);
    EXPECT_FALSE(chat.ports.inputs[0].required);
    EXPECT_EQ(*chat.ports.inputs[0].type, type_of<text>());
    ASSERT_EQ(chat.ports.outputs.size(), 1u);
    EXPECT_TRUE(chat.ports.outputs[0].spontaneous);
    const auto tap = fake::other_types().at(2);
    EXPECT_TRUE(tap.ports.inputs[0].any);
    EXPECT_TRUE(tap.ports.inputs[0].required);
    EXPECT_EQ(tap.ports.outputs[0].type, nullptr);
    EXPECT_TRUE(fake::capture().capture);
}

TEST(describe, calls_the_hooks_of_the_type_with_its_settings) {
    const auto recorder = fake::other_types().at(1);
    ASSERT_TRUE(recorder.check);
    EXPECT_NO_THROW(recorder.check({{"file", "a"}, {"keep_low", 1}, {"keep_high", 2}}));
    EXPECT_THROW(recorder.check({{"file", "a"}, {"keep_low", 3}, {"keep_high", 2}}), setting_error);
    const auto stereo = fake::video_types().back();
    ASSERT_TRUE(stereo.ports_for);
    EXPECT_EQ(stereo.ports_for({{"eyes", 3}}).outputs.size(), 3u);
    EXPECT_FALSE(fake::capture().check);
    EXPECT_FALSE(fake::capture().ports_for);
}

/// The text of the refusal that the conversion to `module_info` gives.
template <class Description>
std::string refusal(Description description) {
    try {
        const module_info info = std::move(description);
    } catch (const configuration_error& error) {
        return error.what();
    }
    return "";
}

struct one_text {
    std::string text;
    int number = 500;
    colour paint = colour::red;
};

TEST(describe, refuses_the_keys_of_the_host) {
    for (const auto* key : {"type", "lane", "restart", "optional", "essential", "queue", "viewers", "limits", "allow",
                            "tls", "log", "fault"}) {
        EXPECT_EQ(refusal(describe<fake::stand_in, one_text>("a.b", "h").setting(key, &one_text::text, "h")),
                  "the description of a.b is wrong: the key `" + std::string(key) + "` belongs to the host");
        EXPECT_TRUE(is_host_key(key));
    }
    EXPECT_FALSE(is_host_key("source"));
    EXPECT_FALSE(is_host_key("auth"));  // of those servers that can ask for a token
}

TEST(describe, refuses_what_an_author_got_wrong) {
    const auto with = [] { return describe<fake::stand_in, one_text>("a.b", "h"); };
    EXPECT_THAT(refusal(describe<fake::stand_in>("ab", "h")), HasSubstr("family.name"));
    EXPECT_THAT(refusal(describe<fake::stand_in>("a.B", "h")), HasSubstr("family.name"));
    EXPECT_THAT(refusal(describe<fake::stand_in>("a.", "h")), HasSubstr("family.name"));
    EXPECT_THAT(refusal(describe<fake::stand_in>("a.b", "")), HasSubstr("no help"));
    EXPECT_THAT(refusal(with().setting("text", &one_text::text, "")), HasSubstr("no help"));
    EXPECT_THAT(refusal(with().setting("Text", &one_text::text, "h")), HasSubstr("no name"));
    EXPECT_THAT(refusal(with().setting("x", &one_text::text, "h").setting("x", &one_text::number, "h")),
                HasSubstr("twice"));
    EXPECT_THAT(refusal(with().setting("x", &one_text::number, "h").range(1, 5)),
                HasSubstr("default of `x`, 500, is not"));
    EXPECT_THAT(refusal(with().setting("x", &one_text::number, "h").range(5, 1)), HasSubstr("upside down"));
    EXPECT_THAT(refusal(with().setting("x", &one_text::paint, "h")), HasSubstr("without `one_of`"));
    EXPECT_THAT(refusal(with().setting("x", &one_text::text, "h").one_of({"a"})), HasSubstr("default of `x`"));
    EXPECT_THAT(refusal(with().input<text>("a", "h").input<record>("a", "h")), HasSubstr("twice"));
    EXPECT_THAT(refusal(with().output<text>("A", "h")), HasSubstr("no name"));
    EXPECT_EQ(refusal(with().input<text>("a", "h").output<text>("a", "h")), "");
    EXPECT_EQ(refusal(with().setting("x", &one_text::number, "h").required().range(1, 5)), "");
}

}  // namespace
}  // namespace streamhost
