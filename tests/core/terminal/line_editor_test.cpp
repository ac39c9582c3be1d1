#include "support/pseudo_terminal.hpp"
#include "support/screen.hpp"
#include "terminal/line_editor.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <optional>

/// Debian 12's libtinfo loses a string of eight bytes each time that libedit asks it for a terminal's capabilities.
extern "C" __attribute__((visibility("default"))) const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:_nc_trim_sgr0\n"; }

namespace streamhost {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// An editor at a real pseudo-terminal, and the screen that it draws on.
class line_editor_test : public ::testing::Test {
protected:
    explicit line_editor_test(unsigned short columns = 40) : terminal(columns, 10), screen(columns, 10) {
        ::setenv("TERM", "xterm", 1);
        editor.emplace(terminal.host(), "> ");
        show();
    }

    void show() {
        // The terminal adds a CR to each LF, whoever sends it.
        for (const char c : editor->take_screen()) screen.write(c == '\n' ? std::string("\r\n") : std::string(1, c));
    }
    void type(std::string_view keys) {
        editor->type(keys);
        show();
    }
    void print(std::string_view lines) {
        editor->print(lines);
        show();
    }

    test::pseudo_terminal terminal;
    test::screen screen;
    std::optional<line_editor> editor;
};

class narrow_line_editor_test : public line_editor_test {
protected:
    narrow_line_editor_test() : line_editor_test(10) {}
};

TEST_F(line_editor_test, a_prompt_waits_for_keys) {
    EXPECT_THAT(screen.lines(), ElementsAre(">"));
    EXPECT_EQ(screen.column(), 2u);
}

TEST_F(line_editor_test, what_is_typed_is_seen_and_a_completed_line_stays_above) {
    type("hello");
    EXPECT_THAT(screen.lines(), ElementsAre("> hello"));
    EXPECT_THAT(editor->take_lines(), IsEmpty());
    type("\r");
    EXPECT_THAT(screen.lines(), ElementsAre("> hello", ">"));
    EXPECT_THAT(editor->take_lines(), ElementsAre("hello"));
    type("\n");
    EXPECT_THAT(editor->take_lines(), ElementsAre(""));
}

TEST_F(line_editor_test, lines_pass_above_the_half_typed_one) {
    type("hel");
    print("12:00 one\n");
    EXPECT_THAT(screen.lines(), ElementsAre("12:00 one", "> hel"));
    type("lo");
    print("two\nthree\n");
    EXPECT_THAT(screen.lines(), ElementsAre("12:00 one", "two", "three", "> hello"));
    type("\r");
    EXPECT_THAT(screen.lines(), ElementsAre("12:00 one", "two", "three", "> hello", ">"));
    EXPECT_THAT(editor->take_lines(), ElementsAre("hello"));
}

TEST_F(line_editor_test, the_cursor_stays_where_it_was_in_the_line) {
    type("held");
    type("\x1b[D");
    type("\x1b[D");
    print("news\n");
    EXPECT_EQ(screen.column(), 4u);
    type("l");
    EXPECT_THAT(screen.lines(), ElementsAre("news", "> helld"));
    EXPECT_EQ(screen.column(), 5u);
}

TEST_F(narrow_line_editor_test, a_line_longer_than_the_screen_is_wide_is_redrawn_whole) {
    std::string typed = ">";
    for (int i = 1; i <= 35; ++i) {
        SCOPED_TRACE(i);
        print("news\n");
        const auto lines = screen.lines();
        const auto last_news = std::find(lines.rbegin(), lines.rend(), "news").base();
        EXPECT_EQ(std::accumulate(last_news, lines.end(), std::string()), typed);
        EXPECT_EQ(std::count(lines.begin(), lines.end(), "news"), i) << "nothing was drawn over";
        if (typed == ">") typed += ' ';
        typed += 'x';
        type("x");
    }
}

TEST_F(line_editor_test, other_scripts_are_typed_and_edited_by_characters) {
    for (const auto* piece : {"gr\xc3", "\xbc\xc3", "\x9f", "\xe2\x82", "\xac"}) type(piece);
    EXPECT_THAT(screen.lines(), ElementsAre("> gr\u00fc\u00df\u20ac"));
    type("\x7f\x7f" "n");
    EXPECT_THAT(screen.lines(), ElementsAre("> gr\u00fcn"));
    print("\u4f60\u597d\n");
    EXPECT_THAT(screen.lines(), ElementsAre("\u4f60\u597d", "> gr\u00fcn"));
    type("\r");
    EXPECT_THAT(editor->take_lines(), ElementsAre("gr\u00fcn"));
}

TEST_F(line_editor_test, bytes_that_are_no_characters_ring_and_change_nothing) {
    type("a\xff" "b\xc3" "c");
    EXPECT_THAT(screen.lines(), ElementsAre("> abc"));
    EXPECT_EQ(screen.bells(), 2);
}

TEST_F(line_editor_test, lines_pasted_at_once_are_completed_one_by_one) {
    type("one\rtwo\rthr");
    EXPECT_THAT(editor->take_lines(), ElementsAre("one", "two"));
    EXPECT_THAT(screen.lines(), ElementsAre("> one", "> two", "> thr"));
}

TEST_F(line_editor_test, the_end_key_ends_on_an_empty_line_only) {
    type("ab\x04");
    EXPECT_FALSE(editor->ended());
    type("\x1b[D\x04");
    EXPECT_THAT(screen.lines(), ElementsAre("> a")) << "elsewhere it deletes";
    type("\x7f\x04" "ignored");
    EXPECT_TRUE(editor->ended());
    EXPECT_THAT(editor->take_lines(), IsEmpty());
}

TEST_F(line_editor_test, earlier_lines_come_back) {
    type("one\rtwo\rtwo\r\rthree");
    editor->take_lines();
    type("\x1b[A");
    EXPECT_EQ(screen.last_line(), "> two");
    type("\x1bOA");
    EXPECT_EQ(screen.last_line(), "> one");
    type("\x1b[A");
    EXPECT_EQ(screen.last_line(), "> one") << "there is none before it";
    type("\x1b[B");
    EXPECT_EQ(screen.last_line(), "> two");
    type("\x0e");
    EXPECT_EQ(screen.last_line(), ">");
    type("\x10!\r");
    EXPECT_THAT(editor->take_lines(), ElementsAre("two!"));
    type("\x1b[A");
    EXPECT_EQ(screen.last_line(), "> two!") << "the newest again";
}

TEST_F(line_editor_test, keys_that_come_in_pieces_are_whole_keys) {
    type("ab\x1b");
    EXPECT_TRUE(editor->inside_key());
    type("[");
    EXPECT_TRUE(editor->inside_key());
    type("Dx");
    EXPECT_FALSE(editor->inside_key());
    EXPECT_THAT(screen.lines(), ElementsAre("> axb"));
    type("\x1b");
    editor->settle();
    type("y");
    EXPECT_THAT(screen.lines(), ElementsAre("> axyb")) << "Escape alone is nothing";
}

TEST_F(line_editor_test, no_key_stops_it_or_leaves_the_line_behind) {
    for (int key = 0; key < 256; ++key) {
        if (key == '\r' || key == '\n') continue;
        SCOPED_TRACE(key);
        line_editor fresh(terminal.host(), "> ");
        fresh.type("word");
        fresh.type(std::string(1, static_cast<char>(key)));
        fresh.settle();
        fresh.type("\x1b" + std::string(1, static_cast<char>(key)));
        fresh.settle();
        EXPECT_FALSE(fresh.ended());
        fresh.type("\r");
        EXPECT_EQ(fresh.take_lines().size(), 1u);
    }
}

TEST_F(line_editor_test, a_line_has_an_end) {
    type(std::string(line_editor::max_typed, 'x'));
    EXPECT_EQ(screen.bells(), 0);
    type("yy");
    EXPECT_EQ(screen.bells(), 2);
    type("\r");
    EXPECT_THAT(editor->take_lines(), ElementsAre(std::string(line_editor::max_typed, 'x')));
}

TEST_F(line_editor_test, what_was_typed_stays_as_a_line_at_the_end) {
    type("half a li");
    editor->finish();
    show();
    print("after\n");
    EXPECT_THAT(screen.lines(), ElementsAre("> half a li", "after", ""));
    type("ignored\r");
    EXPECT_THAT(editor->take_lines(), IsEmpty());
}

TEST_F(line_editor_test, an_empty_line_leaves_nothing_at_the_end) {
    print("before\n");
    editor->finish();
    show();
    EXPECT_THAT(screen.lines(), ElementsAre("before", ""));
    EXPECT_EQ(screen.column(), 0u);
}

TEST_F(line_editor_test, it_is_drawn_anew_for_a_new_size) {
    type("hello");
    terminal.resize(20, 10);
    editor->hide();
    show();
    EXPECT_EQ(screen.last_line(), "");
    editor->reveal();
    show();
    EXPECT_EQ(screen.last_line(), "> hello");
    type("!\r");
    EXPECT_THAT(editor->take_lines(), ElementsAre("hello!"));
}

TEST_F(line_editor_test, ctrl_c_remains_a_signal_and_ctrl_s_stops_nothing) {
    const auto mode = terminal.mode();
    EXPECT_TRUE(mode.c_lflag & ISIG);
    EXPECT_FALSE(mode.c_lflag & (ICANON | ECHO));
    EXPECT_FALSE(mode.c_iflag & IXON);
    EXPECT_TRUE(mode.c_oflag & OPOST);
}

}  // namespace
}  // namespace streamhost
