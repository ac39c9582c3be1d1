#pragma once

#include <sys/types.h>

#include <vector>

namespace bench {

/// What processes have taken of the machine, by /proc. Linux only.
struct process_use {
    double cpu_s = 0;  ///< user and system time; the kernel's work on loopback sockets is in it
    long rss_kb = 0;   ///< resident now
    int threads = 0;
};

/// The sum over several processes.
process_use use_of(const std::vector<pid_t>& processes);

/// All processors: time at work, and time that the machine's owner gave to others.
struct machine_use {
    double busy_s = 0;
    double steal_s = 0;
};
machine_use use_of_machine();

}  // namespace bench
