#include "control_commands.hpp"

#include "status_table.hpp"

#include <streamhost/control.hpp>
#include <streamhost/result.hpp>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace json = boost::json;

constexpr int failed = 1;
constexpr auto between_looks = std::chrono::seconds(1);
constexpr auto first_look = std::chrono::milliseconds(250);

std::filesystem::path the_host(const std::string& which) {
    const auto found = streamhost::find_hosts(which);
    if (found.size() == 1) return found.front();
    if (found.empty()) {
        throw streamhost::configuration_error(
            which.empty() ? "no streamhost of this user runs here (looked in " + streamhost::control_folder().string() + ")"
                          : "no streamhost called \"" + which + "\" runs here");
    }
    std::string names;
    for (const auto& each : found) names += "\n  --host " + each.stem().extension().string().substr(1) + "   (" + each.stem().stem().string() + ")";
    throw streamhost::configuration_error("more than one host runs here; say which:" + names);
}

json::object status_of(const std::filesystem::path& host) {
    auto answer = streamhost::ask_host(host, {{"do", "status"}});
    const auto* const status = answer.if_contains("status");
    if (status == nullptr || !status->is_object()) throw streamhost::configuration_error("the host gave no status");
    return status->get_object();
}

enum class key { none, leave, up, down, page_up, page_down };

/// Keys without their line end; as it was again when it goes.
class key_reader {
public:
    key_reader() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!is_terminal_) return;
        auto raw = before_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);  // Ctrl-C is a key: the screen is to be put back
        ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    ~key_reader() {
        if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }
    key_reader(const key_reader&) = delete;
    key_reader& operator=(const key_reader&) = delete;

    /// The next key within that time.
    key next(int limit_ms) const {
        pollfd waiting{is_terminal_ ? STDIN_FILENO : -1, POLLIN, 0};
        if (::poll(&waiting, 1, limit_ms) <= 0) return key::none;
        std::array<char, 8> bytes{};
        const auto count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (count <= 0) return key::leave;
        const std::string_view pressed(bytes.data(), static_cast<std::size_t>(count));
        if (pressed == "q" || pressed == "\x03") return key::leave;
        if (pressed == "k" || pressed == "\x1b[A") return key::up;
        if (pressed == "j" || pressed == "\x1b[B") return key::down;
        if (pressed == "\x1b[5~") return key::page_up;
        if (pressed == "\x1b[6~" || pressed == " ") return key::page_down;
        return key::none;
    }

private:
    termios before_{};
    bool is_terminal_;
};

/// The terminal's second screen, where there is a terminal: what was on the first is there again when it goes.
class full_screen {
public:
    full_screen() : is_terminal_(::isatty(STDOUT_FILENO) != 0) { say("\x1b[?1049h\x1b[?25l"); }
    ~full_screen() { say("\x1b[?25h\x1b[?1049l"); }
    full_screen(const full_screen&) = delete;
    full_screen& operator=(const full_screen&) = delete;

    /// As much of the lines as fits, from `first` on, which is made smaller where less is left; without a terminal all.
    void draw(const std::string& lines, std::size_t& first) const {
        if (!is_terminal_) return say(lines, true);
        winsize size{};
        if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row < 2 || size.ws_col == 0) size = {24, 80, 0, 0};
        rows_ = size.ws_row - 1U;
        std::vector<std::string_view> all;
        for (std::string_view rest = lines; !rest.empty();) {
            const auto end = rest.find('\n');
            all.push_back(rest.substr(0, end));
            rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
        }
        first = std::min(first, all.size() > rows_ ? all.size() - rows_ : 0);
        std::string screen = "\x1b[H";
        for (std::size_t i = first; i < std::min(all.size(), first + rows_); ++i) screen += cut(all[i], size.ws_col) + "\x1b[K\n";
        screen += "\x1b[J";
        const bool fits = all.size() <= rows_;
        screen += cut(fits ? "q: leave" : fmt::format("q: leave   arrows, space: lines {} to {} of {}", first + 1,
                                                      std::min(all.size(), first + rows_), all.size()),
                      size.ws_col);
        say(screen);
    }
    std::size_t rows() const noexcept { return rows_; }

private:
    /// At most so many characters of UTF-8.
    static std::string cut(std::string_view line, std::size_t columns) {
        std::size_t count = 0, end = 0;
        while (end < line.size()) {
            const bool begins = (static_cast<unsigned char>(line[end]) & 0xC0) != 0x80;
            if (begins && count++ == columns) break;
            ++end;
        }
        return std::string(line.substr(0, end));
    }
    void say(const std::string& text, bool always = false) const {
        if (!is_terminal_ && !always) return;
        std::fputs(text.c_str(), stdout);
        std::fflush(stdout);
    }

    bool is_terminal_;
    mutable std::size_t rows_ = 24;
};

}  // namespace

int show_status(const command_line& line) {
    const auto now = status_of(the_host(line.host));
    const bool as_json = line.form == streamhost::describe_form::json;
    std::fputs((as_json ? json::serialize(now) + "\n" : status_table(now)).c_str(), stdout);
    return 0;
}

int show_top(const command_line& line) {
    const auto host = the_host(line.host);
    auto before = status_of(host);
    auto looked = std::chrono::steady_clock::now();
    const key_reader keys;
    const full_screen screen;
    std::string table;
    std::size_t first = 0;
    auto due = looked + first_look;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(due - std::chrono::steady_clock::now());
        switch (keys.next(std::max(0, static_cast<int>(left.count())))) {
            case key::leave: return 0;
            case key::up: first -= std::min<std::size_t>(first, 1); break;
            case key::down: ++first; break;
            case key::page_up: first -= std::min(first, screen.rows()); break;
            case key::page_down: first += screen.rows(); break;
            case key::none: {
                auto now = status_of(host);
                const auto at = std::chrono::steady_clock::now();
                table = status_table(now, &before, std::chrono::duration<double>(at - looked).count());
                before = std::move(now);
                looked = at;
                due = at + between_looks;
            }
        }
        screen.draw(table, first);
    }
}

int ask_for_reload(const command_line& line) {
    json::object question{{"do", line.what == action::plan ? "plan" : "reload"}};
    // The host runs elsewhere: a relative path would mean another file there.
    if (!line.options.topology.empty()) question["topology"] = std::filesystem::absolute(line.options.topology).string();
    if (!line.options.sets.empty()) {
        auto& sets = question["set"].emplace_object();
        for (const auto& [path, value] : line.options.sets) sets[path] = value;
    }
    const auto answer = streamhost::ask_host(the_host(line.host), question);
    const bool good = answer.contains("good") && answer.at("good").is_bool() && answer.at("good").get_bool();
    const auto* const text = answer.if_contains("text");
    if (text != nullptr && text->is_string()) std::fputs(text->get_string().c_str(), good ? stdout : stderr);
    return good ? 0 : failed;
}
