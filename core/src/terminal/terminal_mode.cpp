#include "terminal/terminal_mode.hpp"

#include "terminal/terminal_taken.hpp"

#include <streamhost/terminal.hpp>

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>

namespace streamhost {
namespace {

/// What ends a process where nobody takes it.
constexpr std::array ending_signals{SIGHUP, SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGXCPU,
                                    SIGUSR1, SIGUSR2, SIGALRM, SIGINT, SIGTERM};

/// A signal's handler gets at nothing else. Written while no handler is there.
struct signal_state {
    int terminal = -1;
    int suspend = -1;
    termios found{};
    std::array<struct sigaction, ending_signals.size()> before{};
    struct sigaction stop_before {};
};
signal_state state;
std::atomic<bool> kept{false};

bool is_default(const struct sigaction& action) {
    return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL;
}

bool is_ignored(const struct sigaction& action) {
    return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN;
}

/// Made by the code itself, unless somebody sent it.
bool is_fault(int number) {
    return number == SIGILL || number == SIGABRT || number == SIGBUS || number == SIGFPE || number == SIGSEGV;
}

void on_end(int number, siginfo_t* info, void*) {
    restore_terminal();
    for (std::size_t i = 0; i < ending_signals.size(); ++i) {
        if (ending_signals[i] == number) ::sigaction(number, &state.before[i], nullptr);
    }
    // A fault happens again on return, and is then reported where it is; what was sent is sent again.
    if (!is_fault(number) || info->si_code <= 0) ::raise(number);
}

void on_stop(int) {
    const int saved = errno;
    const std::uint64_t one = 1;
    (void)!::write(state.suspend, &one, sizeof one);
    errno = saved;
}

void take_stop() {
    struct sigaction action {};
    action.sa_handler = &on_stop;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGTSTP, &action, nullptr);
}

}  // namespace

bool terminal_mode::is_foreground(int terminal) noexcept {
    const auto group = ::tcgetpgrp(terminal);
    return group < 0 || group == ::getpgrp();  // below 0: not the terminal that controls this process
}

terminal_mode::terminal_mode(int terminal, int suspend) : terminal_(terminal) {
    if (kept) throw terminal_taken("another host of this process");
    state.terminal = terminal;
    state.suspend = suspend;
    ::tcgetattr(terminal, &state.found);
    own_ = state.found;
    kept = true;
    struct sigaction action {};
    action.sa_sigaction = &on_end;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    for (std::size_t i = 0; i < ending_signals.size(); ++i) {
        const int number = ending_signals[i];
        ::sigaction(number, nullptr, &state.before[i]);
        const bool taken = is_fault(number) ? !is_ignored(state.before[i]) : is_default(state.before[i]);
        if (taken) ::sigaction(number, &action, nullptr);
    }
    ::sigaction(SIGTSTP, nullptr, &state.stop_before);
    if (is_default(state.stop_before)) take_stop();
}

terminal_mode::~terminal_mode() {
    leave();
    kept = false;
    for (std::size_t i = 0; i < ending_signals.size(); ++i) {
        struct sigaction now {};
        ::sigaction(ending_signals[i], nullptr, &now);
        const bool ours = (now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == &on_end;
        if (ours) ::sigaction(ending_signals[i], &state.before[i], nullptr);
    }
    if (is_default(state.stop_before)) ::sigaction(SIGTSTP, &state.stop_before, nullptr);
}

void terminal_mode::keep_found() { ::tcgetattr(terminal_, &state.found); }
void terminal_mode::keep_own() { ::tcgetattr(terminal_, &own_); }

// TCSANOW: to wait until everything is written might be to wait for ever.
void terminal_mode::enter() { ::tcsetattr(terminal_, TCSANOW, &own_); }
void terminal_mode::leave() { restore_terminal(); }

void terminal_mode::stop_process() {
    ::signal(SIGTSTP, SIG_DFL);
    ::raise(SIGTSTP);
    take_stop();
}

void restore_terminal() noexcept {
    if (!kept) return;
    const int saved = errno;
    // From the background it would stop the process instead.
    if (terminal_mode::is_foreground(state.terminal)) ::tcsetattr(state.terminal, TCSANOW, &state.found);
    errno = saved;
}

}  // namespace streamhost
