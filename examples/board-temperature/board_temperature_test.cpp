// Runs board.temperature in this process, as its topology has it, with a file of the test's in place of the kernel's.
#include <streamhost/host.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include <unistd.h>

namespace sh = streamhost;
using namespace std::chrono_literals;

namespace {

class board_temperature : public ::testing::Test {
protected:
    ~board_temperature() override { std::filesystem::remove(sensor); }

    void show(int thousandths) const { std::ofstream(sensor) << thousandths << '\n'; }

    sh::host_options topology() const {
        sh::host_options options;
        options.topology = TOPOLOGY;
        options.module_folders = {MODULES};
        options.executable = STREAMHOST;  // beside it are the modules that come with streamhost
        options.log_level = "warn";
        options.sets = {{"vars.port", "0"}, {"modules.board.period", "10ms"}, {"modules.board.file", sensor.string()}};
        return options;
    }

    /// Runs the topology until `enough` says so.
    sh::host_snapshot run_until(const std::function<bool(const sh::host_snapshot&)>& enough) const {
        sh::host host(topology());
        std::jthread watch([&](const std::stop_token& ended) {
            while (!ended.stop_requested() && !enough(host.snapshot())) std::this_thread::sleep_for(5ms);
            host.stop("enough has come");
        });
        EXPECT_EQ(host.run(), 0);
        return host.snapshot();
    }

    static std::string condition(const sh::host_snapshot& now) { return now.instances.front().condition; }
    static std::uint64_t shown(const sh::host_snapshot& now) { return now.links.front().delivered; }

    const std::filesystem::path sensor =
        std::filesystem::temp_directory_path() / ("board-temperature." + std::to_string(::getpid()));
};

TEST_F(board_temperature, readings_are_sent) {
    show(51500);
    const auto last = run_until([](const auto& now) { return shown(now) >= 3; });
    EXPECT_EQ(condition(last), "");
}

TEST_F(board_temperature, what_is_hot_is_said_to_be) {
    show(75000);
    run_until([](const auto& now) { return condition(now) == "hot"; });
}

TEST_F(board_temperature, a_sensor_that_is_not_there_is_a_condition_until_it_is) {
    const auto absent = "no sensor: " + sensor.string() + " cannot be read";
    bool was_absent = false;
    const auto last = run_until([&](const auto& now) {
        if (condition(now) == absent && !was_absent) {
            was_absent = true;
            show(40000);
        }
        return shown(now) > 0;
    });
    EXPECT_TRUE(was_absent);
}

TEST_F(board_temperature, a_setting_out_of_its_range_is_refused) {
    auto options = topology();
    options.sets.emplace_back("modules.board.hot", "1000");
    const auto report = sh::check_topology(options);
    EXPECT_FALSE(report.good);
    EXPECT_NE(report.text.find("expected a number from -40 to 150"), std::string::npos) << report.text;
}

}  // namespace
