#pragma once

#include "message_writer.hpp"

#include <streamhost/child.hpp>
#include <streamhost/counter.hpp>
#include <streamhost/event.hpp>
#include <streamhost/module_context.hpp>

#include <cstdint>
#include <deque>
#include <vector>

namespace streamhost::process {

/// Writes what arrives at the inputs to a program, a message at a time, the inputs in turn. A message leaves its link only
/// when the program is ready for it, so what a slow program misses is for the links' queues to say. Confined to its lane.
class program_feeder {
public:
    /// How long a program may take nothing, or answer nothing, before the instance says so.
    static constexpr duration usual_patience = std::chrono::seconds(10);

    /// `in_flight`: how many messages the program may have without an answer; 0: any number.
    program_feeder(module_context& host, const port_table& inputs, message_form form, std::uint32_t in_flight,
                   duration patience);

    std::size_t inputs() const noexcept { return ports_.size(); }

    /// For a new program, which must outlive what follows.
    void begin(child_process& program);

    /// Writes the messages of one input until it ends or `stop()` was called; the last of them closes the program's input.
    awaitable<void> feed(std::size_t input);

    /// The program has ended, or must: nothing more is written.
    void stop();

    /// The program has written something: the header of the message that this answers, an empty one where none waits for
    /// an answer.
    message_header take_answered();

private:
    awaitable<void> write(std::size_t input, envelope content);
    awaitable<void> take_turn();
    void end_turn();
    awaitable<void> await_answer();

    module_context& host_;
    message_writer writer_;
    std::uint32_t in_flight_;
    duration patience_;
    std::vector<input_port*> ports_;
    counter& count_sent_;
    counter& count_unread_;
    timer overdue_;
    bool complained_ = false;

    child_process* program_ = nullptr;
    std::size_t feeding_ = 0;      ///< inputs that have not ended
    bool stopped_ = false;
    bool input_closed_ = false;    ///< by the program, or by its end
    std::uint64_t next_turn_ = 0;
    std::uint64_t turn_ = 0;
    event turn_over_;
    std::deque<message_header> unanswered_;
    event answered_;
};

}  // namespace streamhost::process
