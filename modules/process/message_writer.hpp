#pragma once

#include "program_ports.hpp"

#include <streamhost/message.hpp>

#include <cstddef>
#include <string>

namespace streamhost::process {

/// A message as the bytes that a program reads: a line with its end, and what stands behind it.
struct written_message {
    std::string line;
    shared_bytes payload;  ///< shares the message's
};

/// Writes messages in one of the two forms (docs/processes.md). A plain object; one thread at a time.
class message_writer {
public:
    message_writer(port_table ports, message_form form) : ports_(std::move(ports)), form_(form) {}

    /// Requires a message of the port's type.
    written_message write(std::size_t port, const envelope& content) const;

private:
    port_table ports_;
    message_form form_;
};

}  // namespace streamhost::process
