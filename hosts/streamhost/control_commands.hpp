#pragma once

#include "command_line.hpp"

/// `status`, `top`, `reload` and `plan`: they ask a host that runs. Return the exit status; throw `configuration_error`
/// where there is no such host, or more than one.
int show_status(const command_line& line);
int show_top(const command_line& line);
int ask_for_reload(const command_line& line);
