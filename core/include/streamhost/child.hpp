#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/net.hpp>
#include <streamhost/result.hpp>

#include <memory>
#include <string>
#include <vector>

namespace streamhost {

/// What a program has as its standard input.
enum class child_input {
    empty,  ///< its end
    pipe,   ///< what is written to `child_process::input()`
};

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

    /// The program's standard input, for writing; of one that was started with `child_input::pipe`. Closing it is the end
    /// that the program sees. A write fails where the program has closed it or has ended.
    stream& input() noexcept;

    /// The program's standard output.
    stream& output() noexcept;

    /// One line of its standard error as a terminal would be left with it, without the line end and without what a carriage
    /// return has overwritten; `errc::end_of_stream` when it has closed it. A line longer than 1 KiB is cut there.
    awaitable<result<std::string>> error_line();

    /// Asks it to end (SIGTERM), and insists (SIGKILL) after `grace`. Returns the exit status, or 128 plus the signal.
    awaitable<int> stop(duration grace);

    /// Waits for its end.
    awaitable<int> wait();

private:
    std::unique_ptr<implementation> inner_;
};

/// Starts programs. They get none of the host's descriptors and no shell, and the kernel kills them when the host is
/// killed (what they have started themselves it leaves alone).
class STREAMHOST_API child_runner {
public:
    virtual ~child_runner() = default;

    /// `command[0]` is looked up in PATH. Fails with the system's error where it cannot be started.
    virtual result<child_process> start(const std::vector<std::string>& command,
                                        child_input with = child_input::empty) = 0;
};

/// Why a program cannot be started, as execvp(3) would look for it: "not found in PATH", "there is no such program", "is no
/// program that may be run here". Empty where nothing speaks against it. For `prepare()`.
STREAMHOST_API std::string why_not_startable(const std::string& program);

/// "ended with status 1", "ended with status 139 (signal 11)"; of a status as `child_process::wait` returns it.
STREAMHOST_API std::string describe_end(int status);

}  // namespace streamhost
