#include "support/child_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <ostream>
#include <sstream>
#include <stdexcept>

namespace streamhost::test {
namespace {

std::vector<std::string> merged_environment(const std::vector<std::pair<std::string, std::string>>& over) {
    std::vector<std::string> all;
    for (char** next = environ; *next != nullptr; ++next) {
        const std::string entry = *next;
        const auto name = entry.substr(0, entry.find('='));
        bool replaced = false;
        for (const auto& [key, value] : over) replaced |= key == name;
        if (!replaced) all.push_back(entry);
    }
    for (const auto& [key, value] : over) all.push_back(key + "=" + value);
    return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (auto& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

pid_t spawn(const std::filesystem::path& out, const std::filesystem::path& log, child_program::options chosen) {
    constexpr int append = O_WRONLY | O_CREAT | O_APPEND;
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    if (!chosen.terminal.empty()) {
        ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, chosen.terminal.c_str(), O_RDWR, 0);
        ::posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&files, STDIN_FILENO, STDERR_FILENO);
    } else {
        const int read = std::filesystem::is_fifo(chosen.input) ? O_RDWR : O_RDONLY;
        const char* const input = chosen.input.empty() ? "/dev/null" : chosen.input.c_str();
        ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, input, read, 0);
        ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out.c_str(), append, 0644);
        ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, log.c_str(), append, 0644);
    }

    // ctest and shells hand their own arrangements on; a program under test starts with none.
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (!chosen.terminal.empty()) flags = static_cast<short>(flags | POSIX_SPAWN_SETSID);
    ::posix_spawnattr_setflags(&attributes, flags);

    auto environment = merged_environment(chosen.environment);
    chosen.command.insert(chosen.command.begin(), chosen.under.begin(), chosen.under.end());
    const auto arguments = pointers_to(chosen.command);
    pid_t pid = -1;
    const int failure = ::posix_spawnp(&pid, arguments.front(), &files, &attributes, arguments.data(),
                                       pointers_to(environment).data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
    if (failure != 0) throw std::runtime_error("cannot start " + chosen.command.front() + ": " + std::strerror(failure));
    return pid;
}

/// The number behind "Name:" in a file of /proc.
std::size_t number_of(const std::string& content, std::string_view name) {
    std::istringstream lines(content);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name)) return std::strtoull(line.c_str() + name.size(), nullptr, 10);
    }
    return 0;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const program_end& end) {
    return end.signal != 0 ? out << "killed by signal " << end.signal : out << "status " << end.status;
}

child_program::child_program(const scratch_folder& folder, std::string name, options chosen)
    : folder_(folder), name_(std::move(name)), log_start_(log().size()) {
    pid_ = spawn(out_file(), log_file(), std::move(chosen));
    handle_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
}

child_program::~child_program() {
    if (!end_) {
        send(SIGKILL);
        (void)wait();
    }
    ::close(handle_);
}

void child_program::send(int signal) const {
    if (!end_) (void)::kill(pid_, signal);
}

bool child_program::ended() const {
    pollfd waiting{handle_, POLLIN, 0};
    return end_ || ::poll(&waiting, 1, 0) > 0;
}

std::optional<program_end> child_program::wait(std::chrono::milliseconds limit) {
    pollfd waiting{handle_, POLLIN, 0};
    if (!end_ && ::poll(&waiting, 1, static_cast<int>(limit.count())) > 0) {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        end_ = WIFSIGNALED(status) ? killed_by(WTERMSIG(status)) : exits_with(WEXITSTATUS(status));
    }
    return end_;
}

std::filesystem::path child_program::log_file() const { return folder_ / (name_ + ".log"); }
std::filesystem::path child_program::out_file() const { return folder_ / (name_ + ".out"); }

bool child_program::wait_log(std::string_view text, std::chrono::milliseconds limit) const {
    const auto written = [&] { return log().find(text, log_start_) != std::string::npos; };
    (void)folder_.wait([&] { return written() || ended(); }, limit, handle_);
    return written();
}

std::string child_program::proc(const char* file) const {
    return read_file(std::filesystem::path("/proc") / std::to_string(pid_) / file);
}

std::size_t child_program::descriptors() const {
    std::error_code gone;
    std::filesystem::directory_iterator each("/proc/" + std::to_string(pid_) + "/fd", gone);
    return gone ? 0 : static_cast<std::size_t>(std::distance(each, {}));
}

std::size_t child_program::proportional_kb() const { return number_of(proc("smaps_rollup"), "Pss:"); }
std::size_t child_program::peak_resident_kb() const { return number_of(proc("status"), "VmHWM:"); }

bool child_program::blocks_signal(int signal) const {
    std::istringstream lines(proc("status"));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("SigBlk:")) return std::strtoull(line.c_str() + 7, nullptr, 16) >> (signal - 1) & 1;
    }
    return false;
}

std::string child_program::mapped_files() const { return proc("maps"); }

finished_program run_program(const scratch_folder& folder, child_program::options chosen, std::chrono::milliseconds limit) {
    static int count = 0;
    child_program program(folder, "command-" + std::to_string(++count), std::move(chosen));
    const auto end = program.wait(limit);
    return {end, program.out(), program.log()};
}

}  // namespace streamhost::test
