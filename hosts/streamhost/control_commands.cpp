#include "control_commands.hpp"

#include "status_table.hpp"

#include <streamhost/control.hpp>
#include <streamhost/result.hpp>

#include <boost/json/serialize.hpp>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>

namespace {

namespace json = boost::json;

constexpr int failed = 1;
constexpr int between_looks_ms = 1000;

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

/// Keys without their line end; as it was again when it goes.
class key_reader {
public:
    key_reader() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!is_terminal_) return;
        auto raw = before_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    ~key_reader() {
        if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }
    key_reader(const key_reader&) = delete;
    key_reader& operator=(const key_reader&) = delete;

    /// The next key within that time; 0 where none came.
    char next(int limit_ms) const {
        pollfd waiting{is_terminal_ ? STDIN_FILENO : -1, POLLIN, 0};
        char key = 0;
        if (::poll(&waiting, 1, limit_ms) > 0 && ::read(STDIN_FILENO, &key, 1) != 1) key = 'q';
        return key;
    }

private:
    termios before_{};
    bool is_terminal_;
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
    const bool redraw = ::isatty(STDOUT_FILENO) != 0;
    const key_reader keys;
    std::optional<json::object> before;
    auto looked = std::chrono::steady_clock::now();
    for (;;) {
        auto now = status_of(host);
        const auto at = std::chrono::steady_clock::now();
        const double seconds = std::chrono::duration<double>(at - looked).count();
        std::string screen = redraw ? "\x1b[H\x1b[2J" : "";
        screen += status_table(now, before ? &*before : nullptr, seconds);
        if (redraw) screen += "\nq: leave\n";
        std::fputs(screen.c_str(), stdout);
        std::fflush(stdout);
        before = std::move(now);
        looked = at;
        const char key = keys.next(between_looks_ms);
        if (key == 'q') return 0;
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
