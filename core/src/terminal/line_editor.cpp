#include "terminal/line_editor.hpp"

#include <streamhost/assert.hpp>
#include <streamhost/wire/utf8.hpp>

#include <fmt/format.h>
#include <histedit.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

namespace streamhost {
namespace {

constexpr std::size_t most_recalled = 100;

/// Pressed by the editor itself, to have libedit call a function. On a keyboard it does nothing.
constexpr wchar_t erase_key = 0x1D;

std::wstring to_wide(std::string_view text) {
    std::wstring wide;
    while (!text.empty()) {
        const auto next = utf8::decode(text);
        wide += static_cast<wchar_t>(next.size == 0 ? utf8::replacement : next.code_point);
        text.remove_prefix(std::max<std::size_t>(next.size, 1));
    }
    return wide;
}

std::string to_utf8(std::wstring_view wide) {
    std::string text;
    for (const wchar_t c : wide) utf8::append(text, static_cast<char32_t>(c));
    return text;
}

/// libedit asks the thread's locale how wide a character is and how it is written: here always as UTF-8, whatever the
/// process was started with.
class utf8_locale {
public:
    utf8_locale() : outer_(::uselocale(one())) {}
    ~utf8_locale() { ::uselocale(outer_); }
    utf8_locale(const utf8_locale&) = delete;
    utf8_locale& operator=(const utf8_locale&) = delete;

private:
    static locale_t one() {
        static const locale_t made = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        return made != nullptr ? made : ::uselocale(nullptr);
    }
    locale_t outer_;
};

/// No terminal sends a longer one.
constexpr std::size_t longest_key = 32;

/// How many bytes the key at the start of `keys` has, as far as they tell: 0 while it may go on.
std::size_t key_size(std::string_view keys) {
    const auto first = static_cast<unsigned char>(keys[0]);
    if (first == 0x1B) {
        // ESC alone, ESC and a character, CSI with parameters and a final byte, SS3 with one (ECMA-48).
        if (keys.size() < 2) return 0;
        if (keys[1] == 'O') return keys.size() < 3 ? 0 : 3;
        if (keys[1] != '[') return 2;
        const auto final = std::find_if(keys.begin() + 2, keys.end(), [](char c) { return c >= 0x40 && c <= 0x7E; });
        if (final == keys.end()) return keys.size() < longest_key ? 0 : keys.size();
        return static_cast<std::size_t>(final - keys.begin()) + 1;
    }
    if (first < 0xC2) return 1;
    const std::size_t wanted = first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1;
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u; };
    for (std::size_t i = 1; i < wanted; ++i) {
        if (i == keys.size()) return 0;
        if (!continues(keys[i])) return i;
    }
    return wanted;
}

}  // namespace

/// What libedit calls, and what it needs.
struct line_editor::library {
    EditLine* edit = nullptr;
    std::FILE* out = nullptr;
    std::FILE* errors = nullptr;
    std::wstring pressed;  // one key, whole
    std::size_t next = 0;

    static line_editor& self(EditLine* edit) {
        void* data = nullptr;
        el_wget(edit, EL_CLIENTDATA, &data);
        return *static_cast<line_editor*>(data);
    }

    static int next_character(EditLine* edit, wchar_t* into) {
        auto& lib = *self(edit).library_;
        if (lib.next == lib.pressed.size()) return -1;  // libedit forgets an incomplete sequence
        *into = lib.pressed[lib.next++];
        return 1;
    }

    static wchar_t* prompt(EditLine* edit) {
        static wchar_t none[] = L"";
        auto& editor = self(edit);
        return editor.hidden_ ? none : editor.prompt_.data();
    }

    static ssize_t write(void* to, const char* bytes, std::size_t count) {
        static_cast<line_editor*>(to)->screen_.append(bytes, count);
        return static_cast<ssize_t>(count);
    }

    std::wstring_view line() const {
        const auto* const info = el_wline(edit);
        return {info->buffer, static_cast<std::size_t>(info->lastchar - info->buffer)};
    }
    std::size_t cursor() const {
        const auto* const info = el_wline(edit);
        return static_cast<std::size_t>(info->cursor - info->buffer);
    }
    void clear() {
        el_cursor(edit, static_cast<int>(line().size() - cursor()));
        el_deletestr(edit, static_cast<int>(line().size()));
    }
    void set(const std::wstring& text) {
        clear();
        if (!text.empty()) el_winsertstr(edit, text.c_str());
    }

    // Each is bound to a key. What it returns tells libedit what to draw.
    static unsigned char on_erase(EditLine* edit, wint_t) {
        auto& editor = self(edit);
        if (!editor.hidden_) return CC_ERROR;
        editor.library_->clear();
        return CC_REFRESH;
    }
    static unsigned char on_enter(EditLine* edit, wint_t) {
        self(edit).entered_ = true;
        return CC_NORM;
    }
    static unsigned char on_end(EditLine* edit, wint_t) {
        auto& editor = self(edit);
        auto& lib = *editor.library_;
        if (lib.line().empty()) {
            editor.ended_ = true;
            return CC_NORM;
        }
        if (lib.cursor() == lib.line().size()) return CC_ERROR;
        el_cursor(edit, 1);
        el_deletestr(edit, 1);
        return CC_REFRESH;
    }
    static unsigned char on_older(EditLine* edit, wint_t) {
        self(edit).recall(+1);
        return CC_REFRESH;
    }
    static unsigned char on_newer(EditLine* edit, wint_t) {
        self(edit).recall(-1);
        return CC_REFRESH;
    }

    void bind(const wchar_t* key, const wchar_t* function) { el_wset(edit, EL_BIND, key, function, nullptr); }

    void bind_keys() {
        el_wset(edit, EL_EDITOR, L"emacs");
        el_wset(edit, EL_ADDFN, L"streamhost-erase", L"Take the line off the screen", &on_erase);
        el_wset(edit, EL_ADDFN, L"streamhost-enter", L"Complete the line", &on_enter);
        el_wset(edit, EL_ADDFN, L"streamhost-end", L"End the input, or delete a character", &on_end);
        el_wset(edit, EL_ADDFN, L"streamhost-older", L"The line before", &on_older);
        el_wset(edit, EL_ADDFN, L"streamhost-newer", L"The line after", &on_newer);
        const wchar_t erase[] = {erase_key, L'\0'};
        bind(erase, L"streamhost-erase");
        for (const auto* key : {L"^J", L"^M"}) bind(key, L"streamhost-enter");
        bind(L"^D", L"streamhost-end");
        for (const auto* key : {L"^P", L"\\e[A", L"\\eOA"}) bind(key, L"streamhost-older");
        for (const auto* key : {L"^N", L"\\e[B", L"\\eOB"}) bind(key, L"streamhost-newer");
        bind(L"\\e[3~", L"ed-delete-next-char");
        bind(L"\\e[H", L"ed-move-to-beg");
        bind(L"\\e[F", L"ed-move-to-end");
        // These read the keys that follow in a loop of their own, which would end the line where none waits.
        for (const auto* key : {L"^Q", L"^R", L"^S", L"^V", L"\\ex", L"\\eX"}) bind(key, L"ed-unassigned");
    }

    library(line_editor& editor, int terminal) {
        cookie_io_functions_t functions{};
        functions.write = &write;
        out = ::fopencookie(&editor, "w", functions);
        errors = std::fopen("/dev/null", "we");
        STREAMHOST_ASSERT(out != nullptr && errors != nullptr);
        edit = el_init_fd("streamhost", nullptr, out, errors, terminal, terminal, terminal);
        STREAMHOST_ASSERT(edit != nullptr);
        el_wset(edit, EL_CLIENTDATA, &editor);
        el_wset(edit, EL_SIGNAL, 0);
        el_wset(edit, EL_GETCFN, &next_character);
        el_wset(edit, EL_PROMPT, &prompt);
        bind_keys();
        // Ctrl-S must not stop what others have to show.
        el_wset(edit, EL_SETTY, L"-d", L"-ixon", nullptr);
    }

    ~library() {
        // The owner restores the mode: libedit would throw away what was typed ahead.
        el_wset(edit, EL_EDITMODE, 0);
        el_end(edit);
        std::fclose(out);
        std::fclose(errors);
    }
};

line_editor::line_editor(int terminal, std::string_view prompt) : prompt_(to_wide(prompt)) {
    const utf8_locale locale;
    library_ = std::make_unique<library>(*this, terminal);
    el_wset(library_->edit, EL_UNBUFFERED, 1);  // takes the terminal, and draws
    std::fflush(library_->out);
}

line_editor::~line_editor() {
    const utf8_locale locale;
    library_.reset();
}

void line_editor::press(wchar_t key) {
    library_->pressed.assign(1, key);
    library_->next = 0;
    int ignored = 0;
    (void)el_wgets(library_->edit, &ignored);
}

void line_editor::erase() {
    hidden_ = true;
    press(erase_key);
    std::fflush(library_->out);
}

void line_editor::draw() {
    hidden_ = false;
    el_wset(library_->edit, EL_REFRESH);
    std::fflush(library_->out);
}

void line_editor::stash() {
    stashed_ = library_->line();
    stashed_cursor_ = library_->cursor();
    erase();
}

void line_editor::restore() {
    library_->set(stashed_);
    el_cursor(library_->edit, static_cast<int>(stashed_cursor_) - static_cast<int>(stashed_.size()));
    draw();
}

void line_editor::print(std::string_view lines) {
    if (finished_) {
        screen_ += lines;
        return;
    }
    const utf8_locale locale;
    stash();
    screen_ += lines;
    restore();
}

void line_editor::hide() {
    if (finished_) return;
    const utf8_locale locale;
    stash();
}

void line_editor::reveal() {
    if (finished_) return;
    const utf8_locale locale;
    el_resize(library_->edit);
    restore();
}

void line_editor::finish() {
    if (finished_) return;
    const utf8_locale locale;
    const auto typed = to_utf8(library_->line());
    erase();
    if (!typed.empty()) screen_ += fmt::format("{}{}\n", to_utf8(prompt_), utf8::escape_controls(typed));
    finished_ = true;
}

void line_editor::enter() {
    const std::wstring typed(library_->line());
    auto line = to_utf8(typed);
    erase();
    screen_ += fmt::format("{}{}\n", to_utf8(prompt_), utf8::escape_controls(line));
    draw();
    recalled_ = -1;
    if (!typed.empty() && (recent_.empty() || recent_.front() != typed)) recent_.push_front(typed);
    if (recent_.size() > most_recalled) recent_.pop_back();
    lines_.push_back(std::move(line));
}

void line_editor::recall(int step) {
    const int wanted = recalled_ + step;
    if (wanted < -1 || wanted >= static_cast<int>(recent_.size())) return;
    recalled_ = wanted;
    library_->set(wanted < 0 ? std::wstring() : recent_[static_cast<std::size_t>(wanted)]);
}

void line_editor::process() {
    const utf8_locale locale;
    while (!keys_.empty() && !ended_ && !finished_) {
        auto size = key_size(keys_);
        if (size == 0) return;
        const auto key = keys_.substr(0, size);
        keys_.erase(0, size);
        const bool is_text = static_cast<unsigned char>(key[0]) >= 0x20 && key[0] != 0x7F;
        if (is_text && (library_->line().size() >= max_typed || !utf8::is_valid(key))) {
            screen_ += '\a';
            continue;
        }
        library_->pressed = to_wide(key);
        library_->next = 0;
        // One call takes one key or, where libedit knows no such sequence, its first characters.
        while (library_->next < library_->pressed.size()) {
            int ignored = 0;
            (void)el_wgets(library_->edit, &ignored);
        }
        if (std::exchange(entered_, false)) enter();
    }
    std::fflush(library_->out);
}

void line_editor::type(std::string_view keys) {
    keys_ += keys;
    process();
}

bool line_editor::inside_key() const { return !keys_.empty() && !ended_; }

void line_editor::settle() {
    keys_.clear();  // the Escape key alone, which means nothing here, or a character that was cut
}

std::vector<std::string> line_editor::take_lines() { return std::exchange(lines_, {}); }

std::string line_editor::take_screen() { return std::exchange(screen_, {}); }

}  // namespace streamhost
