#include "console.hpp"

#include "console_text.hpp"

#include <streamhost/wire/utf8.hpp>

#include <utility>

namespace streamhost::chat {
namespace {

/// For what was shown and is still to be written at the end.
constexpr auto farewell = std::chrono::seconds(1);

}  // namespace

module_info console::describe() {
    return streamhost::describe<console, console_settings>("chat.console", "The terminal: sends what is typed, shows what comes")
        .setting("prompt", &console_settings::prompt, "stands before the line that is being typed")
        .output<text>("lines", "the lines that are typed; `/to ADDRESS LINE` is for one recipient; ends at the end of the "
                               "input")
            .spontaneous()
        .input<text>("messages", "the lines to show, with their senders; control characters are shown escaped")
            .many()
        .claims("terminal");
}

console::console(module_context& host, console_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      lines_(host.output<text>("lines")),
      messages_(host.input<text>("messages")),
      count_typed_(host.metric("lines_typed", "lines that were typed and sent")),
      count_refused_(host.metric("lines_refused", "typed lines that were not sent: too long, no UTF-8, or no command")),
      count_shown_(host.metric("lines_shown", "lines that were shown")) {}

awaitable<void> console::prepare() {
    terminal_options options;
    options.prompt = utf8::escape_controls(chosen_.prompt);
    terminal_ = host_.terminal().claim(std::move(options));
    co_return;
}

awaitable<void> console::run() {
    host_.spawn(send_typed());
    for (;;) {
        const auto message = co_await messages_.next();
        if (!message) break;
        co_await terminal_.show(shown(*message));
        count_shown_.add();
    }
    co_await terminal_.flush(farewell);
}

awaitable<void> console::send_typed() {
    for (;;) {
        auto typed = co_await terminal_.read_line();
        const bool over = !typed && (typed.error() == errc::end_of_stream || typed.error() == errc::draining);
        if (over) break;
        co_await take(std::move(typed));
    }
    lines_.close();
}

awaitable<void> console::take(result<std::string> typed) {
    if (!typed) {
        count_refused_.add();
        host_.log().warn("a line was not sent: {}", typed.error().message());
        co_return;
    }
    auto line = read_typed(*typed);
    if (!line) {
        count_refused_.add();
        co_await terminal_.show(std::string(to_usage));
        co_return;
    }
    count_typed_.add();
    co_await lines_.send(std::move(*line));
}

}  // namespace streamhost::chat
