#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/net.hpp>
#include <streamhost/result.hpp>

#include <memory>
#include <string>
#include <vector>

namespace streamhost {

/// A program that an instance has started. Confined to its lane. Destroying it kills what is left of the program and of
/// everything that it started in its own process group.
class STREAMHOST_API child_process {
public:
    class implementation;

    child_process() noexcept;
    explicit child_process(std::unique_ptr<implementation> inner) noexcept;
    child_process(child_process&&) noexcept;
    child_process& operator=(child_process&&) noexcept;
    ~child_process();

    int pid() const noexcept;

    /// The program's standard output.
    stream& output() noexcept;

    /// One line of its standard error, without the line end; `errc::end_of_stream` when it has closed it. A line longer
    /// than 1 KiB is cut there.
    awaitable<result<std::string>> error_line();

    /// Asks it to end (SIGTERM), and insists (SIGKILL) after `grace`. Returns the exit status, or 128 plus the signal.
    awaitable<int> stop(duration grace);

    /// Waits for its end.
    awaitable<int> wait();

private:
    std::unique_ptr<implementation> inner_;
};

/// Starts programs. They get none of the host's descriptors, an empty standard input and no shell, and the kernel kills
/// them when the host is killed (what they have started themselves it leaves alone).
class STREAMHOST_API child_runner {
public:
    virtual ~child_runner() = default;

    /// `command[0]` is looked up in PATH. Fails with the system's error where it cannot be started.
    virtual result<child_process> start(const std::vector<std::string>& command) = 0;
};

}  // namespace streamhost
