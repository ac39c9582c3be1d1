#pragma once

#include "proxy.hpp"

#include <optional>
#include <string>

namespace fault_proxy {

struct command_line {
    proxy_options options;
    std::string ready_file;
};

/// Empty where the program is to end at once, with `status`: after --help, or after a wrong word, about which it has said
/// what is wrong.
std::optional<command_line> read_command_line(int count, char** words, int& status);

}  // namespace fault_proxy
