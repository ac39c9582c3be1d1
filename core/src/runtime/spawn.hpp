#pragma once

#include <streamhost/result.hpp>

#include <string>
#include <vector>

#include <sys/types.h>

namespace streamhost {

/// What a child gets as its standard streams; without an input it is empty.
struct child_streams {
    int input = -1;
    int output = -1;
    int errors = -1;
};

/// Starts a program, looked for in PATH, without a shell: in a process group of its own, with the usual signals, with no
/// descriptor of ours but `streams`. The kernel kills it when the calling **thread** ends, so that it does not outlive a host
/// that was killed: call it from a thread that lives longer than the child. What the child starts itself has no such
/// link, nor has a program that runs with other rights than ours (prctl(2), PR_SET_PDEATHSIG).
///
/// Returns the process, or why it could not be started. Blocks until the program is loaded.
result<pid_t> spawn(const std::vector<std::string>& command, child_streams streams);

}  // namespace streamhost
