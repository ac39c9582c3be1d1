#include "program_feeder.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace streamhost::process {
namespace {

double seconds(duration span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

program_feeder::program_feeder(module_context& host, const port_table& inputs, message_form form, std::uint32_t in_flight,
                               duration patience)
    : host_(host),
      writer_(inputs, form),
      in_flight_(in_flight),
      patience_(patience),
      count_sent_(host.metric("messages_written", "messages that the program was sent")),
      count_unread_(host.metric("messages_unread", "messages dropped because the program has closed its input")),
      overdue_(host.timers()) {
    for (const auto& input : inputs) ports_.push_back(&host.any_input(input.name));
}

void program_feeder::begin(child_process& program) {
    program_ = &program;
    feeding_ = ports_.size();
    stopped_ = false;
    input_closed_ = false;
    unanswered_.clear();
    next_turn_ = turn_ = 0;
}

void program_feeder::stop() {
    stopped_ = true;
    for (auto* const port : ports_) port->wake();
    turn_over_.set();
    answered_.set();
}

awaitable<void> program_feeder::feed(std::size_t input) {
    auto& port = *ports_[input];
    for (;;) {
        co_await take_turn();
        if (!stopped_) co_await await_answer();
        envelope content;
        const bool have = !stopped_ && port.try_next(content);
        if (have) co_await write(input, std::move(content));
        end_turn();
        if (have) continue;
        if (stopped_ || port.ended()) break;
        co_await port.wait();
    }
    if (--feeding_ == 0 && !stopped_) program_->input().close();
}

/// In the order of asking, so that an input which always has something does not keep out the others.
awaitable<void> program_feeder::take_turn() {
    const auto mine = next_turn_++;
    while (turn_ != mine) co_await turn_over_.wait();
}

void program_feeder::end_turn() {
    ++turn_;
    turn_over_.set();
}

awaitable<void> program_feeder::await_answer() {
    if (in_flight_ == 0 || unanswered_.size() < in_flight_) co_return;
    overdue_.start_after(patience_, [this] {
        complained_ = true;
        host_.set_condition(fmt::format("the program has not answered for {:g} s", seconds(patience_)));
    });
    while (!stopped_ && unanswered_.size() >= in_flight_) co_await answered_.wait();
    overdue_.stop();
    if (std::exchange(complained_, false)) host_.set_condition({});
}

awaitable<void> program_feeder::write(std::size_t input, envelope content) {
    if (input_closed_) {
        count_unread_.add();
        co_return;
    }
    const auto written = writer_.write(input, content);
    // Before it is written: the answer may be read before this coroutine goes on.
    if (in_flight_ > 0) unanswered_.push_back(content.header);
    const std::array<asio::const_buffer, 2> pieces{
        asio::buffer(written.line), asio::const_buffer(written.payload.data(), written.payload.size())};
    overdue_.start_after(patience_, [this] {
        complained_ = true;
        host_.set_condition(fmt::format("the program has not taken a message for {:g} s", seconds(patience_)));
    });
    const auto done = co_await program_->input().write(pieces);
    overdue_.stop();
    if (std::exchange(complained_, false)) host_.set_condition({});
    if (done) {
        count_sent_.add();
        co_return;
    }
    input_closed_ = true;
    unanswered_.clear();
    count_unread_.add();
    if (!stopped_) host_.log().info("the program reads no more: {}", done.error().message());
}

message_header program_feeder::take_answered() {
    if (unanswered_.empty()) return {};
    auto header = std::move(unanswered_.front());
    unanswered_.pop_front();
    answered_.set();
    return header;
}

}  // namespace streamhost::process
