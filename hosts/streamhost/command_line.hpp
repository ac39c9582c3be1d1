#pragma once

#include "new_module.hpp"

#include <streamhost/host.hpp>

#include <optional>
#include <string>

/// What the user asked for.
enum class action { run, check, describe, doctor, graph, schema, new_module, plan, reload, status, top };

struct command_line {
    action what = action::run;
    streamhost::host_options options;
    std::string type;                                           ///< of `describe`; empty: all
    std::string host;                                           ///< which of those that run: name, process id, or socket
    streamhost::describe_form form = streamhost::describe_form::text;
    module_project project;                                     ///< of `new-module`
};

/// Reads the arguments. Nothing where the program is done already (help, version, wrong usage): `status` is then what it
/// exits with.
std::optional<command_line> read_command_line(int count, char** arguments, int& status);
