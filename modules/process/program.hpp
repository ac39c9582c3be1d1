#pragma once

#include "output_parser.hpp"
#include "program_feeder.hpp"
#include "program_ports.hpp"

#include <streamhost/module.hpp>
#include <streamhost/pace.hpp>
#include <streamhost/task_group.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace streamhost::process {

struct program_settings {
    std::vector<std::string> command;
    port_types inputs;
    port_types outputs;
    form_choice input_form = form_choice::automatic;
    form_choice output_form = form_choice::automatic;
    std::uint32_t in_flight = 0;
    std::uint32_t max_line = lines::max_line;
    std::uint32_t max_payload = 16 * 1024 * 1024;
    std::uint32_t max_rate = 1000;
    std::uint32_t max_byte_rate = 64 * 1024 * 1024;
    std::chrono::milliseconds grace{1000};
};

/// `process.run`: a program in any language as an instance. It is sent messages on its standard input and sends messages on
/// its standard output (docs/processes.md); what it says on its standard error goes to the log. Where it ends with another
/// status than 0, or writes what cannot be read, the instance has failed: its `restart` says what then. One object is one
/// life of the program.
class program final : public module {
public:
    static module_info describe();
    static void check(const program_settings& chosen);
    static module_ports ports_for(const program_settings& chosen);

    program(module_context& host, program_settings chosen, duration patience = program_feeder::usual_patience);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    awaitable<void> read_output();
    awaitable<void> log_output();
    awaitable<void> read_errors();
    awaitable<void> await_end();
    awaitable<void> attend();
    awaitable<void> take(output_parser::outcome outcome);
    awaitable<void> hold_back(duration delay);
    void complain(const complaint& about);
    std::string end_text() const;

    module_context& host_;
    program_settings chosen_;
    program_feeder feeder_;
    std::vector<output_port*> outputs_;
    std::optional<output_parser> parser_;  // where there are outputs
    counter& count_received_;
    counter& count_refused_;
    counter& count_held_back_;
    pace message_pace_;
    pace byte_pace_;
    pace error_pace_;

    child_process child_;
    std::optional<int> status_;  // once it has ended
    std::string senseless_;      // why it must end: what it writes cannot be read
    std::string last_words_;     // on its standard error
    event changed_;              // one of the above, or the host drains
    timer leftovers_due_;
    std::optional<task_group> tasks_;  // last: they work with all of the above
};

}  // namespace streamhost::process
