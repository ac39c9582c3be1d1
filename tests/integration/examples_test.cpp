#include "support/running_host.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace streamhost::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// The topologies with programs in Python, with the real Python.
class examples_test : public ::testing::Test {
protected:
    examples_test() {
        ::unsetenv("DISPLAY");
        ::unsetenv("WAYLAND_DISPLAY");
    }

    static std::filesystem::path example(std::string_view name) {
        return std::filesystem::path(STREAMHOST_EXAMPLES_FOLDER) / name;
    }
    /// The Python that has Debian's OpenCV.
    static std::vector<std::string> sets() {
        return {"--set", "vars.python=/usr/bin/python3", "--set", "vars.scripts=" + example("python").string()};
    }
    running_host& start(const std::string& file) {
        host.emplace(folder, file, read_file(example(file)), sets());
        EXPECT_TRUE(host->wait_ready()) << host->log();
        return *host;
    }
    /// As the log says it.
    pid_t process_of(std::string_view instance) const {
        const auto words = fmt::format("{}: process ", instance);
        EXPECT_TRUE(host->wait_log(words)) << host->log();
        const auto log = host->log();
        const auto at = log.find(words) + words.size();
        pid_t pid = 0;
        std::from_chars(log.data() + at, log.data() + log.size(), pid);
        return pid;
    }
    void expect_good_end() {
        host->send(SIGTERM);
        EXPECT_EQ(host->wait(), exits_with(0)) << host->log();
        EXPECT_THAT(host->log(), Not(HasSubstr(" error ")));
        EXPECT_THAT(host->log(), Not(HasSubstr("Traceback")));
    }

    scratch_folder folder;
    std::optional<running_host> host;
};

TEST_F(examples_test, the_files_are_right) {
    for (const auto* file : {"sensor.json", "detector.json"}) {
        EXPECT_EQ(run_streamhost(folder, {"check", example(file)}).out, "ok\n") << file;
    }
}

TEST_F(examples_test, a_sensor_in_python) {
    auto& sensor = start("sensor.json");
    EXPECT_TRUE(sensor.wait_log("show: {\"temperature_celsius\":")) << sensor.log();
    expect_good_end();
}

TEST_F(examples_test, a_detector_in_python_sees_what_moves) {
    auto& detector = start("detector.json");
    EXPECT_TRUE(detector.wait_log("\"boxes\":[[")) << detector.log();
    expect_good_end();
}

TEST_F(examples_test, its_program_has_no_descriptor_of_the_host) {
    auto& sensor = start("sensor.json");
    EXPECT_TRUE(sensor.wait_log("show: {\"temperature_celsius\":")) << sensor.log();
    for (const auto* instance : {"thermometer", "show"}) {
        std::vector<std::string> descriptors;
        const auto process = std::to_string(process_of(instance));
        for (const auto& entry : std::filesystem::directory_iterator("/proc/" + process + "/fd")) {
            descriptors.push_back(entry.path().filename());
        }
        std::ranges::sort(descriptors);
        EXPECT_THAT(descriptors, ElementsAre("0", "1", "2")) << instance;
    }
    expect_good_end();
}

TEST_F(examples_test, its_programs_die_with_a_host_that_is_killed) {
    auto& sensor = start("sensor.json");
    EXPECT_TRUE(sensor.wait_log("show: {\"temperature_celsius\":")) << sensor.log();
    std::vector<int> handles;
    for (const auto* instance : {"thermometer", "show"}) {
        handles.push_back(static_cast<int>(::syscall(SYS_pidfd_open, process_of(instance), 0)));
    }
    host->send(SIGKILL);
    EXPECT_EQ(host->wait(), killed_by(SIGKILL));
    for (const int handle : handles) {
        pollfd entry{handle, POLLIN, 0};
        EXPECT_EQ(::poll(&entry, 1, static_cast<int>(usual_limit.count())), 1);
        ::close(handle);
    }
}

TEST_F(examples_test, a_program_that_dies_is_started_again) {
    auto& sensor = start("sensor.json");
    EXPECT_TRUE(sensor.wait_log("show: {\"temperature_celsius\":")) << sensor.log();
    ::kill(process_of("thermometer"), SIGKILL);
    EXPECT_TRUE(sensor.wait_log("the program ended with status 137 (signal 9); starting again in")) << sensor.log();
    const auto lives = [&] {
        const auto log = sensor.log();
        const auto first = log.find("thermometer: process ");
        return first != log.npos && log.find("thermometer: process ", first + 1) != log.npos;
    };
    EXPECT_TRUE(folder.wait(lives)) << sensor.log();
    host->send(SIGTERM);
    EXPECT_EQ(host->wait(), exits_with(0)) << host->log();
}

}  // namespace
}  // namespace streamhost::test
