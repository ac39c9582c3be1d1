#include "support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace streamhost::test {
namespace {

using namespace std::chrono_literals;

/// For conditions that no file tells of, such as a count in /proc.
constexpr auto look_again = 50ms;

std::filesystem::path make_unique_folder() {
    auto name = (std::filesystem::temp_directory_path() / "streamhost-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make the folder " + name);
    return name;
}

void forget_changes(int changes) {
    alignas(inotify_event) std::array<char, 4096> events;
    while (::read(changes, events.data(), events.size()) > 0) {
    }
}

}  // namespace

scratch_folder::scratch_folder() : path_(make_unique_folder()), changes_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    watch(path_);
}

scratch_folder::~scratch_folder() {
    ::close(changes_);
    if (::testing::Test::HasFailure()) {
        std::printf("what the programs wrote is in %s\n", path_.c_str());
        return;
    }
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void scratch_folder::watch(const std::filesystem::path& folder) const {
    if (::inotify_add_watch(changes_, folder.c_str(), IN_CREATE | IN_MODIFY | IN_MOVED_TO) < 0) {
        throw std::runtime_error("cannot watch the folder " + folder.string());
    }
}

std::filesystem::path scratch_folder::make_folder(std::string_view name) {
    auto folder = path_ / name;
    std::filesystem::create_directory(folder);
    watch(folder);
    return folder;
}

std::filesystem::path scratch_folder::write(std::string_view name, std::string_view content) const {
    auto file = path_ / name;
    std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
    return file;
}

bool scratch_folder::wait(const std::function<bool()>& condition, std::chrono::milliseconds limit, int ended) const {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
        if (condition()) return true;
        const auto rest = deadline - std::chrono::steady_clock::now();
        if (rest <= 0ms) return false;
        const auto pause = std::min<std::chrono::nanoseconds>(rest, look_again);
        std::array<pollfd, 2> waiting{{{changes_, POLLIN, 0}, {ended, POLLIN, 0}}};
        ::poll(waiting.data(), waiting.size(), static_cast<int>(pause / 1ms) + 1);
        if (waiting[1].revents != 0) ended = -1;  // once is enough: it stays readable
        forget_changes(changes_);
    }
}

std::string read_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream content;
    if (stream.peek() != std::ifstream::traits_type::eof()) content << stream.rdbuf();
    return std::move(content).str();
}

std::vector<std::string> read_lines(const std::filesystem::path& file) {
    std::istringstream content(read_file(file));
    std::vector<std::string> lines;
    std::string line;
    while (std::getline(content, line) && !content.eof()) lines.push_back(line);
    return lines;
}

}  // namespace streamhost::test
