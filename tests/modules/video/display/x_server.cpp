#include "x_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <vector>

namespace streamhost::video::test {
namespace {

/// The server writes its number there, once it takes clients.
constexpr int announcement = 3;

std::string read_number(int from) {
    std::string number;
    for (char c = 0; ::read(from, &c, 1) == 1 && c != '\n';) number += c;
    return number;
}

}  // namespace

x_server::x_server(int width, int height, const std::string& authority) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    // It goes with the test, however that ends, and does not start afresh whenever its last client leaves.
    std::vector<std::string> words{"setpriv", "--pdeathsig", "TERM", "Xvfb", "-displayfd", std::to_string(announcement),
                                   "-noreset", "-nolisten", "tcp", "-screen", "0",
                                   fmt::format("{}x{}x24", width, height)};
    if (!authority.empty()) words.insert(words.end(), {"-auth", authority});
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, pipe[1], announcement);
    for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
        ::posix_spawn_file_actions_addopen(&files, output, "/dev/null", O_WRONLY, 0);
    }
    const int failure = ::posix_spawnp(&process_, words[0].c_str(), &files, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    ::close(pipe[1]);
    const auto number = failure == 0 ? read_number(pipe[0]) : std::string();
    ::close(pipe[0]);
    if (number.empty()) {
        stop();
        throw std::runtime_error("Xvfb does not start; it is in the package xvfb");
    }
    display_ = ":" + number;
}

void x_server::stop() {
    if (process_ <= 0) return;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
}

}  // namespace streamhost::video::test
