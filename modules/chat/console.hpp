#pragma once

#include <streamhost/module.hpp>
#include <streamhost/terminal.hpp>

#include <string>

namespace streamhost::chat {

struct console_settings {
    std::string prompt = "> ";
};

/// The terminal: what is typed is sent, what comes is shown.
class console final : public module {
public:
    static module_info describe();

    console(module_context& host, console_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    awaitable<void> send_typed();
    awaitable<void> take(result<std::string> typed);

    module_context& host_;
    console_settings chosen_;
    output<text> lines_;
    input<text> messages_;
    counter& count_typed_;
    counter& count_refused_;
    counter& count_shown_;
    terminal_claim terminal_;
};

}  // namespace streamhost::chat
