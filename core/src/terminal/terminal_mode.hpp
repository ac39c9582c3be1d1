#pragma once

#include <streamhost/export.hpp>

#include <termios.h>

namespace streamhost {

/// Keeps the mode in which a terminal was found, and restores it: at its own end, by `restore_terminal()`, and where a
/// signal ends the process. Also takes Ctrl-Z, which otherwise would stop the process with the terminal in its own mode.
/// One at a time in a process: a second one throws `configuration_error`.
class STREAMHOST_API terminal_mode {
public:
    /// `suspend` is an eventfd that is written to when somebody asks for a stop (SIGTSTP).
    terminal_mode(int terminal, int suspend);
    ~terminal_mode();
    terminal_mode(const terminal_mode&) = delete;
    terminal_mode& operator=(const terminal_mode&) = delete;

    /// The mode of this moment is the one to restore; the one at construction, where this is not called.
    void keep_found();
    /// The mode of this moment is the one that `enter()` comes back to.
    void keep_own();
    void enter();
    void leave();

    /// Stops the process as Ctrl-Z does where nobody takes it; returns when it goes on.
    static void stop_process();

    /// No other process group has the terminal at present.
    static bool is_foreground(int terminal) noexcept;

private:
    int terminal_;
    termios own_{};
};

}  // namespace streamhost
