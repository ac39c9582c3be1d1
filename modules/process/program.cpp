#include "program.hpp"

#include <streamhost/wire/utf8.hpp>

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace streamhost::process {
namespace {

/// For what an ended program has left in its pipes. What it started may hold them open for ever.
constexpr auto leftovers = std::chrono::seconds(1);

/// What a pipe holds, so that one turn of the lane empties it.
constexpr std::size_t read_size = 64 * 1024;

/// Lines on its standard error: a second, and at once.
constexpr double error_rate = 100;
constexpr double error_burst = 1000;

}  // namespace

module_info program::describe() {
    return streamhost::describe<program, program_settings>(
               "process.run", "A program in any language: messages go to its standard input and come from its output")
        .setting("command", &program_settings::command, "the program and its arguments, without a shell").required()
        .setting("inputs", &program_settings::inputs,
                 "the type of each input by its name, {\"images\": \"encoded_image\"}: what arrives there goes to the program")
        .setting("outputs", &program_settings::outputs,
                 "the type of each output by its name, {\"readings\": \"record\"}: what the program sends; without any, what "
                 "it writes goes to the log")
        .setting("input_form", &program_settings::input_form,
                 "what goes to the program: `lines` of JSON, `frames` of a header and bytes (docs/processes.md); `auto`: "
                 "frames where a type needs them")
            .one_of({{"auto", form_choice::automatic}, {"lines", form_choice::lines}, {"frames", form_choice::frames}})
        .setting("output_form", &program_settings::output_form, "the same for what comes from it")
            .one_of({{"auto", form_choice::automatic}, {"lines", form_choice::lines}, {"frames", form_choice::frames}})
        .setting("in_flight", &program_settings::in_flight,
                 "messages that the program may have without an answer, for one that answers each: with 1 it always gets the "
                 "newest one, and what it sends has the times of what it answers; 0: any number")
            .range(0, 1000)
        .setting("max_line", &program_settings::max_line, "longest line that is taken from the program")
            .range(64, 16 * 1024 * 1024).unit("bytes")
        .setting("max_payload", &program_settings::max_payload, "most bytes behind a line that are taken from the program")
            .range(1, 1024 * 1024 * 1024).unit("bytes")
        .setting("max_rate", &program_settings::max_rate,
                 "messages a second that are taken from the program; beyond, it waits in its own pipe").at_least(1)
        .setting("max_byte_rate", &program_settings::max_byte_rate, "bytes a second that are taken from the program, likewise")
            .at_least(1024).unit("bytes")
        .setting("grace", &program_settings::grace,
                 "how long the program has to end once its input was closed, and again after SIGTERM")
            .range(std::chrono::milliseconds(0), std::chrono::seconds(2));
}

void program::check(const program_settings& chosen) {
    check_types("inputs", chosen.inputs);
    check_types("outputs", chosen.outputs);
    check_form("input_form", chosen.input_form, chosen.inputs);
    check_form("output_form", chosen.output_form, chosen.outputs);
    if (chosen.command.empty() || chosen.command.front().empty()) throw setting_error("command", "name the program");
    if (chosen.in_flight > 0 && (chosen.inputs.empty() || chosen.outputs.empty())) {
        throw setting_error("in_flight", "a program without inputs or without outputs answers nothing");
    }
}

module_ports program::ports_for(const program_settings& chosen) { return ports_of(chosen.inputs, chosen.outputs); }

program::program(module_context& host, program_settings chosen, duration patience)
    : host_(host),
      chosen_(std::move(chosen)),
      feeder_(host, table_of(chosen_.inputs), form_of(chosen_.input_form, table_of(chosen_.inputs)), chosen_.in_flight,
              patience),
      count_received_(host.metric("messages_received", "messages that the program has sent")),
      count_refused_(host.metric("messages_refused", "lines and messages of the program that make no sense")),
      count_held_back_(host.metric("times_held_back", "times that the program wrote faster than it may, and had to wait")),
      message_pace_(chosen_.max_rate, chosen_.max_rate),
      byte_pace_(chosen_.max_byte_rate, chosen_.max_byte_rate),
      error_pace_(error_rate, error_burst),
      leftovers_due_(host.timers()) {
    const auto outputs = table_of(chosen_.outputs);
    for (const auto& output : outputs) outputs_.push_back(&host.any_output(output.name));
    if (outputs.empty()) return;
    const output_limits limits{chosen_.max_line, chosen_.max_payload};
    parser_.emplace(outputs, form_of(chosen_.output_form, outputs), limits);
}

awaitable<void> program::prepare() {
    const auto& name = chosen_.command.front();
    auto why = why_not_startable(name);
    if (!why.empty() && name.find('/') == name.npos) why += "; install it, or give its whole path";
    if (!why.empty()) throw configuration_error(fmt::format("{}: {}", name, why));
    co_return;
}

awaitable<void> program::run() {
    host_.set_condition({});
    auto started = host_.children().start(chosen_.command, feeder_.inputs() > 0 ? child_input::pipe : child_input::empty);
    if (!started) {
        throw std::runtime_error(fmt::format("the program cannot be started: {}", started.error().message()));
    }
    child_ = std::move(*started);
    host_.log().info("process {}: {}", child_.pid(), chosen_.command.front());
    const auto on = co_await asio::this_coro::executor;
    tasks_.emplace(on);
    feeder_.begin(child_);
    for (std::size_t i = 0; i < feeder_.inputs(); ++i) tasks_->spawn(feeder_.feed(i));
    tasks_->spawn(parser_ ? read_output() : log_output());
    tasks_->spawn(read_errors());
    tasks_->spawn(await_end());
    tasks_->spawn(attend());
    co_await tasks_->join();
    leftovers_due_.stop();
    child_ = {};
    if (host_.draining()) co_return;
    if (!senseless_.empty()) throw std::runtime_error("what the program writes cannot be read: " + senseless_);
    if (status_ != 0) throw std::runtime_error(end_text());
    host_.log().info("{}", end_text());
}

awaitable<void> program::read_output() {
    std::vector<std::byte> buffer(read_size);
    while (senseless_.empty()) {
        const auto count = co_await child_.output().read_some(buffer);
        if (!count) break;
        co_await hold_back(byte_pace_.take(host_.clock().now(), static_cast<double>(*count)));
        auto bytes = std::span<const std::byte>(buffer).first(*count);
        while (auto outcome = parser_->next(bytes)) co_await take(std::move(*outcome));
    }
    if (const auto rest = parser_->finish()) complain(*rest);
}

awaitable<void> program::take(output_parser::outcome outcome) {
    co_await hold_back(message_pace_.take(host_.clock().now()));
    auto answered = feeder_.take_answered();
    if (!outcome) {
        complain(outcome.error());
        co_return;
    }
    count_received_.add();
    auto& port = *outputs_[outcome->port];
    auto content = std::move(outcome->content);
    content.header = std::move(answered);
    port.stamp(content);
    const auto held_back = port.offer(content);
    if (held_back.any()) co_await port.settle(std::move(content), held_back);
}

void program::complain(const complaint& about) {
    count_refused_.add();
    if (about.fatal) {
        senseless_ = utf8::escape_controls(about.text);
        changed_.set();
    } else {
        host_.log().warn("refused: {}", about.text);
    }
}

/// What has no outputs still says something.
awaitable<void> program::log_output() {
    lines::splitter splitter(chosen_.max_line);
    std::vector<std::byte> buffer(read_size);
    for (;;) {
        const auto count = co_await child_.output().read_some(buffer);
        if (!count) break;
        co_await hold_back(byte_pace_.take(host_.clock().now(), static_cast<double>(*count)));
        std::string_view bytes(reinterpret_cast<const char*>(buffer.data()), *count);
        while (const auto line = splitter.next(bytes)) {
            co_await hold_back(message_pace_.take(host_.clock().now()));
            if (*line) host_.log().info("{}", **line);
        }
    }
}

awaitable<void> program::read_errors() {
    for (;;) {
        const auto line = co_await child_.error_line();
        if (!line) break;
        if (line->empty()) continue;
        host_.log().info("says: {}", *line);
        last_words_ = utf8::escape_controls(*line);
        co_await hold_back(error_pace_.take(host_.clock().now()));
    }
}

/// Whoever writes too fast waits: the pipe is full then. Also while the host drains.
awaitable<void> program::hold_back(duration delay) {
    if (delay <= duration::zero()) co_return;
    count_held_back_.add();
    event over;
    timer due(host_.timers());
    due.start_after(delay, [&over] { over.set(); });
    co_await over.wait();
}

awaitable<void> program::await_end() {
    status_ = co_await child_.wait();
    changed_.set();
}

/// Sees to it that the program ends, and its readers with it.
awaitable<void> program::attend() {
    const drain_state::watch on_drain(host_.drain(), [this] { changed_.set(); });
    while (!status_ && senseless_.empty() && !host_.draining()) co_await changed_.wait();
    // While the host drains the inputs end, and with them the program's own: most then end by themselves.
    if (feeder_.inputs() > 0) {
        bool overdue = false;
        timer due(host_.timers());
        due.start_after(chosen_.grace, [this, &overdue] {
            overdue = true;
            changed_.set();
        });
        while (!status_ && senseless_.empty() && !overdue) co_await changed_.wait();
    }
    feeder_.stop();
    if (!status_) co_await child_.stop(chosen_.grace);
    leftovers_due_.start_after(leftovers, [this] { tasks_->terminate(); });
}

std::string program::end_text() const {
    const int status = status_.value_or(-1);
    auto text = "the program " + describe_end(status);
    if (status != 0 && !last_words_.empty()) text += fmt::format("; it said last: {}", last_words_);
    return text;
}

}  // namespace streamhost::process
