#pragma once

#include <streamhost/export.hpp>

#include <clocale>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost {

/// The line that is being typed at a terminal: takes keys, keeps the line drawn, and lets other lines pass above it.
/// Keys and what must be drawn are bytes that its owner carries; the terminal itself is asked for its size and put into
/// the mode in which it hands over each key (libedit does the editing). One thread.
class STREAMHOST_API line_editor {
public:
    /// Characters of one line; further ones are refused with a bell. The kernel's own editing takes as many.
    static constexpr std::size_t max_typed = 4095;

    /// `terminal` stays open as long as the editor lives. `prompt` is UTF-8.
    line_editor(int terminal, std::string_view prompt);
    ~line_editor();
    line_editor(const line_editor&) = delete;
    line_editor& operator=(const line_editor&) = delete;

    /// Bytes from the keyboard, in whatever pieces.
    void type(std::string_view keys);
    /// The keys so far end inside of one: more bytes are about to come. When they do not, call `settle`.
    bool inside_key() const;
    void settle();

    /// The lines that were completed since the last call.
    std::vector<std::string> take_lines();
    /// The key for the end of the input was pressed on an empty line.
    bool ended() const noexcept { return ended_; }

    /// Puts whole lines, each with its LF, above the line that is being typed.
    void print(std::string_view lines);

    /// Takes the line off the screen, for as long as another program has the terminal, and puts it back, drawn for the
    /// terminal's size of that moment. Nothing else may be called in between.
    void hide();
    void reveal();

    /// Leaves what was typed as a line of its own, unless it is nothing, and draws no more.
    void finish();

    /// The bytes that the terminal must get next.
    std::string take_screen();

private:
    struct library;
    friend struct library;

    void process();
    void press(wchar_t key);
    void erase();
    void draw();
    void stash();
    void restore();
    void enter();
    void recall(int step);

    std::unique_ptr<library> library_;
    std::wstring prompt_;
    std::string keys_;
    std::string screen_;
    std::vector<std::string> lines_;
    std::deque<std::wstring> recent_;  // the newest first
    int recalled_ = -1;                // which of them is shown
    std::wstring stashed_;             // what was typed, while it is off the screen
    std::size_t stashed_cursor_ = 0;
    bool hidden_ = false;              // no prompt is drawn
    bool entered_ = false;
    bool ended_ = false;
    bool finished_ = false;
};

}  // namespace streamhost
