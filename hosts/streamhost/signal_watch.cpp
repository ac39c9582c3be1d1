#include "signal_watch.hpp"

#include <streamhost/terminal.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>

namespace {

/// Under nohup(1) a terminal that closes is to end nothing.
bool is_ignored(int number) {
    struct sigaction now {};
    return ::sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

const char* name_of(int number) {
    switch (number) {
        case SIGINT: return "SIGINT";
        case SIGHUP: return "SIGHUP";
        default: return "SIGTERM";
    }
}

/// Whether the process has a terminal that is still there: one that was closed cannot be opened any more.
bool has_terminal() {
    const int terminal = ::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (terminal >= 0) ::close(terminal);
    return terminal >= 0;
}

}  // namespace

signal_watch::signal_watch(calls then) : then_(std::move(then)), had_terminal_(has_terminal()) {
    sigset_t watched;
    ::sigemptyset(&watched);
    ::sigaddset(&watched, SIGINT);
    ::sigaddset(&watched, SIGTERM);
    if (!is_ignored(SIGHUP)) ::sigaddset(&watched, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &watched, nullptr);
    signals_ = ::signalfd(-1, &watched, SFD_CLOEXEC);
    ended_ = ::eventfd(0, EFD_CLOEXEC);
    thread_ = std::thread([this] { run(); });
}

signal_watch::~signal_watch() {
    const std::uint64_t one = 1;
    (void)!::write(ended_, &one, sizeof one);
    thread_.join();
    ::close(signals_);
    ::close(ended_);
}

void signal_watch::run() {
    bool called = false;
    for (;;) {
        std::array<pollfd, 2> waiting{{{signals_, POLLIN, 0}, {ended_, POLLIN, 0}}};
        if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
        if (waiting[1].revents != 0) return;
        signalfd_siginfo signal{};
        if (::read(signals_, &signal, sizeof signal) != sizeof signal) continue;
        const auto number = static_cast<int>(signal.ssi_signo);
        // When a terminal closes, the kernel sends one SIGHUP and the shell another: that is no impatience.
        if (called && number == SIGHUP) continue;
        if (number == SIGHUP && (!had_terminal_ || has_terminal())) {
            then_.reload();
            continue;
        }
        if (called) {
            streamhost::restore_terminal();
            ::_exit(128 + number);
        }
        called = true;
        then_.stop(name_of(number));
    }
}
