#include "chat_stage.hpp"
#include "console_text.hpp"

#include <gmock/gmock.h>

namespace streamhost::chat {
namespace {

using namespace std::chrono_literals;
using streamhost::test::scripted;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A console between two scripted ends, at a simulated terminal.
class console_test : public streamhost::test::stage {
protected:
    void open(std::vector<text> to_show = {}) {
        to_show_ = std::move(to_show);
        graph.add<console>("console");
        add("source", {.run = [](scripted& self) -> awaitable<void> {
                for (auto line : static_cast<console_test&>(self.at).to_show_) co_await self.out.send(std::move(line));
                co_await streamhost::test::scripts::idles(self);
            }});
        add("sink", {.run = [](scripted& self) -> awaitable<void> {
                for (;;) {
                    const auto line = co_await self.in.next();
                    if (!line) break;
                    self.at.note(line->recipient + "|" + line->line);
                }
                self.at.note("the input has ended");
            }});
        graph.link("source.out", "console.messages");
        graph.link("console.lines", "sink.in");
    }
    simulated_terminal& terminal() { return world.terminal_of(simulated_face()); }
    int drain_after(duration span, std::function<void()> before = {}) {
        return run([this, span, before] {
            if (before) before();
            world.run_for(span);
            host->stop_host("test");
        });
    }

    std::vector<text> to_show_;
};

TEST_F(console_test, what_is_typed_is_sent) {
    open();
    EXPECT_EQ(drain_after(1s, [&] {
        terminal().type("hello");
        terminal().type("");
        terminal().type("/to 10.0.0.5:4711 psst");
    }), 0);
    EXPECT_THAT(notes, ElementsAre("|hello", "|", "10.0.0.5:4711|psst", "the input has ended"));
}

TEST_F(console_test, the_end_of_the_input_ends_the_input_and_not_the_host) {
    open();
    EXPECT_EQ(drain_after(1h, [&] {
        terminal().type("last");
        terminal().end_input();
        world.run_for(1min);
        EXPECT_THAT(notes, ElementsAre("|last", "the input has ended"));
        EXPECT_EQ(instance("console").state, "running");
        EXPECT_EQ(terminal().holder(), "console");
    }), 0);
    EXPECT_GT(lasted, 59min);
}

TEST_F(console_test, what_comes_is_shown_with_its_sender_and_nothing_of_it_acts_on_the_terminal) {
    open({{"hello", "10.0.0.5:4711"}, {"nobody said this"}, {"\x1b[2J\x07gr\u00fc\u00dfe\u202e", "evil\x1b]0;\x07"}});
    EXPECT_EQ(drain_after(1s), 0);
    EXPECT_THAT(terminal().shown(), ElementsAre("10.0.0.5:4711: hello", "nobody said this",
                                                "evil\\x1b]0;\\x07: \\x1b[2J\\x07gr\u00fc\u00dfe\\u202e"));
}

TEST_F(console_test, a_command_that_is_none_is_explained_and_not_sent) {
    open();
    EXPECT_EQ(drain_after(1s, [&] {
        for (const auto* line : {"/to", "/to ", "/to 10.0.0.5", "/to 10.0.0.5 ", "/today is a word"}) terminal().type(line);
    }), 0);
    EXPECT_THAT(notes, ElementsAre("|/today is a word", "the input has ended"));
    EXPECT_THAT(terminal().shown(), ElementsAre(to_usage, to_usage, to_usage, to_usage));
    EXPECT_EQ(instance("console").metrics.size(), 3u);
}

TEST_F(console_test, a_terminal_that_is_stopped_holds_the_messages_back_and_no_drain) {
    terminal().set_room(1);
    open({{"one"}, {"two"}, {"three"}});
    EXPECT_EQ(drain_after(1s), 0);
    EXPECT_THAT(terminal().shown(), ElementsAre("one"));
    EXPECT_LT(lasted, 3s);
}

TEST_F(console_test, a_console_without_links_still_holds_the_terminal) {
    graph.add<console>("console");
    EXPECT_EQ(drain_after(1min), 0);
    EXPECT_GT(lasted, 59s);
}

TEST_F(console_test, two_consoles_are_one_too_many) {
    graph.add<console>("first");
    graph.add<console>("second");
    EXPECT_EQ(run(), 1);
    EXPECT_THAT(instance("second").failure, HasSubstr("held by `first`"));
}

TEST(console_text, a_recipient_is_one_word_and_the_line_the_rest) {
    const auto line = read_typed("/to  [::1]:4711  two  blanks ");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->recipient, "[::1]:4711");
    EXPECT_EQ(line->line, " two  blanks ");
    EXPECT_EQ(read_typed(" /to be sent as it is")->line, " /to be sent as it is");
}

}  // namespace
}  // namespace streamhost::chat
