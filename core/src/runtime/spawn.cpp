#include "runtime/spawn.hpp"

#include <streamhost/assert.hpp>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace streamhost {
namespace {

/// Made ready by the parent: between fork and exec only async-signal-safe calls are allowed.
struct launch {
    std::vector<char*> arguments;
    std::vector<char*> environment;
    child_streams streams;
    int report;  ///< where a failure's errno goes; closed on exec
    pid_t parent;
};

/// execvp(3) wants C strings that it does not change.
std::vector<char*> to_argv(const std::vector<std::string>& command) {
    std::vector<char*> argv;
    for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    return argv;
}

/// What Python writes into a pipe it would hold back until some KiB have come together, and a sensor would look dead.
std::vector<char*> child_environment() {
    static char unbuffered[] = "PYTHONUNBUFFERED=1";
    std::vector<char*> all;
    for (char** each = ::environ; each != nullptr && *each != nullptr; ++each) all.push_back(*each);
    if (std::getenv("PYTHONUNBUFFERED") == nullptr) all.push_back(unbuffered);
    all.push_back(nullptr);
    return all;
}

bool close_others_on_exec() {
    if (::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return true;
    // A kernel older than 5.11.
    const auto end = static_cast<int>(::sysconf(_SC_OPEN_MAX));
    for (int each = 3; each < end; ++each) {
        if (::fcntl(each, F_SETFD, FD_CLOEXEC) != 0 && errno != EBADF) return false;
    }
    return true;
}

void reset_signals() {
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) (void)::sigaction(number, &usual, nullptr);  // some cannot be changed
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// dup2(2) leaves a descriptor that stands in its place already with its flag to be closed.
bool place_at(int from, int to) { return from == to ? ::fcntl(to, F_SETFD, 0) == 0 : ::dup2(from, to) == to; }

/// In the child.
[[noreturn]] void become(const launch& plan) {
    const int input = plan.streams.input >= 0 ? plan.streams.input : ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    bool good = input >= 0 && ::setpgid(0, 0) == 0 && ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
    // Who died before the link was there sends no signal any more.
    if (good && ::getppid() != plan.parent) ::_exit(1);
    good = good && place_at(input, 0) && place_at(plan.streams.output, 1) && place_at(plan.streams.errors, 2) &&
           close_others_on_exec();
    if (good) {
        reset_signals();
        ::environ = const_cast<char**>(plan.environment.data());
        ::execvp(plan.arguments[0], plan.arguments.data());
    }
    const int failure = errno;
    (void)!::write(plan.report, &failure, sizeof failure);
    ::_exit(127);
}

/// All signals are blocked, until the end of its life: a handler of ours must not run in the child.
class without_signals {
public:
    without_signals() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~without_signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    without_signals(const without_signals&) = delete;
    without_signals& operator=(const without_signals&) = delete;

private:
    sigset_t before_{};
};

}  // namespace

result<pid_t> spawn(const std::vector<std::string>& command, child_streams streams) {
    STREAMHOST_ASSERT(!command.empty());
    int report[2];
    if (::pipe2(report, O_CLOEXEC) != 0) return error_code(errno, boost::system::system_category());
    const launch plan{to_argv(command), child_environment(), streams, report[1], ::getpid()};
    pid_t process = -1;
    int failure = 0;
    {
        const without_signals blocked;
        // Not posix_spawn(3), which cannot tie a child to its parent's life.
        process = ::fork();
        if (process == 0) become(plan);
        if (process < 0) failure = errno;
        ::close(report[1]);
        // The end of the pipe says that the program is loaded.
        if (process > 0 && ::read(report[0], &failure, sizeof failure) > 0) ::waitpid(process, nullptr, 0);
        ::close(report[0]);
    }
    if (failure != 0) return error_code(failure, boost::system::system_category());
    return process;
}

}  // namespace streamhost
