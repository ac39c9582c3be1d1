#include "console.hpp"

#include "page.hpp"

#include <gmock/gmock.h>

namespace streamhost::web {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using test::page;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Pages at /ws/control in virtual time.
class control_test : public ::testing::Test {
protected:
    void start(std::string_view settings = "{}", testing::options chosen = {}) {
        module_.emplace(testing::type<console>(), settings, std::move(chosen));
        module_->run_for(1ms);
    }
    testing::harness& at() { return *module_; }
    std::unique_ptr<page> open() {
        if (!module_) start();
        auto made = std::make_unique<page>(at());
        EXPECT_EQ(made->open("/ws/control"), 101);
        return made;
    }
    double wall_ms() { return static_cast<double>(at().clock().wall_ns()) / 1e6; }
    json::object command(double x, double age_ms = 0) {
        return {{"type", "command"}, {"time", wall_ms() - age_ms}, {"value", json::object{{"x", x}, {"y", 0}}}};
    }
    /// "x=0.5 Ada", "stop: ..."
    std::vector<std::string> commands() {
        std::vector<std::string> all;
        for (const auto& each : at().take<record>("commands")) {
            const auto& value = each->value.as_object();
            if (value.contains("stop") && value.contains("reason")) {
                all.push_back("stop: " + std::string(value.at("reason").as_string()));
            } else {
                all.push_back(fmt::format("x={} {}", value.at("x").to_number<double>(), std::string_view(value.at("operator").as_string())));
            }
        }
        return all;
    }
    static std::string text(const json::object& message, std::string_view key) { return std::string(message.at(key).as_string()); }

    std::optional<testing::harness> module_;
};

TEST_F(control_test, a_page_is_told_what_there_is) {
    start(R"({"title": "Cart"})");
    const auto one = open();
    const auto said = one->heard();
    ASSERT_THAT(said, SizeIs(2));
    const auto& hello = said[0];
    EXPECT_EQ(text(hello, "type"), "hello");
    EXPECT_EQ(text(hello, "title"), "Cart");
    EXPECT_EQ(hello.at("admin").as_bool(), true);
    EXPECT_EQ(hello.at("can_drive").as_bool(), true);
    EXPECT_EQ(hello.at("can_chat").as_bool(), true);
    EXPECT_TRUE(hello.at("operator").is_null());
    std::vector<std::string> kinds;
    for (const auto& each : hello.at("streams").as_array()) kinds.push_back(text(each.as_object(), "kind") + " " + text(each.as_object(), "name"));
    EXPECT_THAT(kinds, ElementsAre("image test", "audio test", "text test", "record test"));
    EXPECT_EQ(text(said[1], "type"), "operator");
    EXPECT_EQ(at().metric("pages"), 1u);
    one->leave();
    at().run_for(10ms);
    EXPECT_EQ(at().metric("pages"), 0u);
}

TEST_F(control_test, the_clock_is_answered_at_once) {
    const auto one = open();
    one->heard();
    one->say({{"type", "clock"}, {"t0", 12.5}});
    const auto said = one->heard();
    ASSERT_THAT(said, SizeIs(1));
    EXPECT_EQ(said[0].at("t0").as_double(), 12.5);
    EXPECT_NEAR(said[0].at("t1").as_double(), wall_ms(), 100);
    EXPECT_GE(said[0].at("t2").as_double(), said[0].at("t1").as_double());
}

TEST_F(control_test, lines_go_both_ways_to_all_pages_and_late_ones_get_the_history) {
    const auto one = open();
    const auto two = open();
    one->say({{"type", "name"}, {"name", "Ada"}});
    one->say({{"type", "chat"}, {"line", "hello <b>robot</b>"}});
    const auto heard = two->heard("chat");
    ASSERT_THAT(heard, SizeIs(1));
    const auto& line = heard[0].at("lines").as_array().at(0).as_object();
    EXPECT_EQ(text(line, "from"), "Ada");
    EXPECT_EQ(text(line, "line"), "hello <b>robot</b>");
    EXPECT_EQ(text(line, "stream"), "");
    EXPECT_THAT(one->heard("chat"), SizeIs(1));
    const auto sent = at().take<streamhost::text>("lines");
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(sent[0]->line, "hello <b>robot</b>");
    EXPECT_EQ(sent[0]->sender, "Ada");

    at().feed("messages", streamhost::text{.line = "beep", .sender = "10.0.0.1:5"});
    const auto answer = two->heard("chat");
    ASSERT_THAT(answer, SizeIs(1));
    EXPECT_EQ(text(answer[0].at("lines").as_array().at(0).as_object(), "stream"), "test");
    const auto late = open();
    const auto history = late->heard("chat");
    ASSERT_THAT(history, SizeIs(1));
    EXPECT_THAT(history[0].at("lines").as_array(), SizeIs(2));
}

TEST_F(control_test, the_history_is_the_last_two_hundred_lines) {
    start();
    for (int i = 0; i < 500; ++i) {
        at().feed("messages", streamhost::text{.line = std::to_string(i)});
        at().run_for(1ms);
    }
    const auto one = open();
    const auto lines = one->heard("chat").at(0).at("lines").as_array();
    ASSERT_THAT(lines, SizeIs(200));
    EXPECT_EQ(text(lines.at(0).as_object(), "line"), "300");
}

TEST_F(control_test, a_reading_is_there_at_once_for_who_comes_late_and_comes_at_most_twenty_times_a_second) {
    const auto one = open();
    one->heard();
    for (int i = 0; i <= 100; ++i) {
        at().feed("records", record{json::object{{"t_c", i}}});
        at().run_for(10ms);
    }
    at().run_for(100ms);
    const auto said = one->heard("record");
    EXPECT_THAT(said.size(), ::testing::AllOf(::testing::Ge(19u), ::testing::Le(23u)));
    EXPECT_EQ(said.back().at("value").at("t_c").to_number<int>(), 100) << "the last one always comes";
    EXPECT_EQ(text(said.back(), "stream"), "test");
    const auto late = open();
    const auto newest = late->heard("record");
    ASSERT_THAT(newest, SizeIs(1));
    EXPECT_EQ(newest[0].at("value").at("t_c").to_number<int>(), 100);
}

TEST_F(control_test, one_page_drives_and_the_others_see_who) {
    const auto one = open();
    const auto two = open();
    one->say({{"type", "name"}, {"name", "Ada"}});
    one->say({{"type", "operate"}, {"take", true}});
    one->say(command(0.5));
    two->say(command(-1));
    two->say({{"type", "operate"}, {"take", true}});
    EXPECT_EQ(text(two->heard("error").at(0), "text"), "Ada drives");
    EXPECT_THAT(commands(), ElementsAre("x=0.5 Ada"));
    EXPECT_EQ(at().metric("commands_refused"), 1u);
    EXPECT_EQ(one->heard("operator").back().at("you").as_bool(), true);

    two->say({{"type", "operate"}, {"take", true}, {"force", true}});
    EXPECT_EQ(one->heard("operator").back().at("you").as_bool(), false);
    EXPECT_THAT(commands(), ElementsAre("stop: the operator has changed"));
    one->say(command(1));
    two->say(command(0.25));
    at().run_for(1ms);
    EXPECT_THAT(commands(), SizeIs(1));
    two->say({{"type", "operate"}, {"take", false}});
    at().run_for(1ms);
    EXPECT_THAT(commands(), ElementsAre("stop: the operator has let go"));
    EXPECT_TRUE(one->heard("operator").back().at("name").is_null());
}

TEST_F(control_test, silence_stops_once_and_commands_that_are_late_count_as_silence) {
    const auto one = open();
    one->say({{"type", "operate"}, {"take", true}});
    for (int i = 0; i < 10; ++i) {
        one->say(command(1));
        at().run_for(50ms);
    }
    EXPECT_THAT(commands(), SizeIs(10));
    for (int i = 0; i < 4; ++i) {
        one->say(command(1, 501));
        at().run_for(50ms);
    }
    EXPECT_THAT(commands(), IsEmpty());
    EXPECT_EQ(at().metric("commands_late"), 4u);
    at().run_for(60ms);
    EXPECT_THAT(commands(), ElementsAre("stop: no command came for 300 ms"));
    at().run_for(5s);
    EXPECT_THAT(commands(), IsEmpty());
    one->say(command(0.5));
    at().run_for(1s);
    EXPECT_THAT(commands(), ElementsAre(HasSubstr("x=0.5"), "stop: no command came for 300 ms"));
    EXPECT_EQ(at().metric("stops"), 2u);
}

TEST_F(control_test, the_age_of_a_command_is_handed_on) {
    const auto one = open();
    one->say({{"type", "operate"}, {"take", true}});
    one->say(command(1, 40));
    one->say(command(1, -1000));  // a clock ahead of ours
    at().run_for(1ms);
    const auto sent = at().take<record>("commands");
    ASSERT_THAT(sent, SizeIs(2));
    EXPECT_NEAR(sent[0]->value.at("age_ms").as_double(), 40, 3);
    EXPECT_EQ(sent[1]->value.at("age_ms").as_double(), 0);
}

TEST_F(control_test, an_operator_whose_session_ends_stops_what_moves) {
    auto one = open();
    one->say({{"type", "operate"}, {"take", true}});
    one->say(command(1));
    at().run_for(10ms);
    EXPECT_THAT(commands(), SizeIs(1));
    one->leave();
    at().run_for(10ms);
    EXPECT_THAT(commands(), ElementsAre("stop: the operator's session has ended"));
}

TEST_F(control_test, the_end_of_the_console_stops_what_moves) {
    const auto one = open();
    one->say({{"type", "operate"}, {"take", true}});
    one->say(command(1));
    at().run_for(10ms);
    EXPECT_THAT(commands(), SizeIs(1));
    EXPECT_TRUE(at().drain());
    EXPECT_THAT(commands(), ElementsAre("stop: the console ends"));
}

TEST_F(control_test, without_an_output_for_them_there_is_nothing_to_drive) {
    testing::options chosen;
    chosen.unlinked = {"commands"};
    start("{}", chosen);
    const auto one = open();
    EXPECT_EQ(one->heard("hello").at(0).at("can_drive").as_bool(), false);
    one->say({{"type", "operate"}, {"take", true}});
    EXPECT_EQ(text(one->heard("error").at(0), "text"), "there is nothing to drive here");
}

TEST_F(control_test, who_watches_gets_the_graph_twice_a_second) {
    const auto one = open();
    const auto two = open();
    one->say({{"type", "watch"}, {"graph", true}});
    at().run_for(2s);
    EXPECT_THAT(two->heard("graph"), IsEmpty());
    std::size_t count = 0;
    for (const auto& each : one->heard("graph")) count += each.contains("instances") ? 1 : 0;
    EXPECT_GE(count, 3u);
    one->say({{"type", "watch"}, {"graph", false}});
    one->heard();
    at().run_for(2s);
    EXPECT_THAT(one->heard("graph"), IsEmpty());
}

TEST_F(control_test, what_is_wrong_is_answered_and_the_session_goes_on) {
    const auto one = open();
    one->heard();
    const char* const wrong[] = {"", "x", "[]", "{", R"({"type":"nonsense"})", R"({"type":1})", R"({})", R"({"type":"clock"})",
                                 R"({"type":"command"})", R"({"type":"command","time":1,"value":1})", R"({"type":"command","time":"x","value":{}})",
                                 R"({"type":"name","name":"a\u0007b"})", R"({"type":"chat","line":"a\u001b[31mb"})",
                                 R"([[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]])"};
    for (const auto* each : wrong) {
        one->write(test::client_frame(ws_opcode::text, each));
        EXPECT_THAT(one->heard("error"), SizeIs(1)) << each;
    }
    one->say({{"type", "name"}, {"name", std::string(65, 'x')}});
    EXPECT_THAT(one->heard("error"), SizeIs(1));
    one->say({{"type", "chat"}, {"line", std::string(4097, 'x')}});
    EXPECT_THAT(one->heard("error"), SizeIs(1));
    one->say({{"type", "log"}, {"instance", "../../etc/passwd"}});
    EXPECT_THAT(one->heard("log").at(0).at("lines").as_array(), IsEmpty());
    EXPECT_FALSE(one->closed());
}

}  // namespace
}  // namespace streamhost::web
