// board.temperature by itself, in virtual time, with a file of the test's in place of the kernel's.
#include "board_temperature.cpp"

#include <streamhost/host.hpp>
#include <streamhost/testing.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

namespace {

using sh::testing::harness;

class board_temperature_test : public ::testing::Test {
protected:
    ~board_temperature_test() override { std::filesystem::remove(sensor); }

    void show(int thousandths) const { std::ofstream(sensor) << thousandths << '\n'; }

    harness board(double hot = 80) const {
        return harness(sh::testing::type<board_temperature>(),
                       fmt::format(R"({{ "file": "{}", "hot": {} }})", sensor.string(), hot));
    }

    const std::filesystem::path sensor =
        std::filesystem::temp_directory_path() / fmt::format("board-temperature.{}", ::getpid());
};

TEST_F(board_temperature_test, reads_once_a_second_in_degrees) {
    show(51500);
    auto module = board();
    module.run_for(3s);
    const auto readings = module.take<sh::record>("readings");
    ASSERT_EQ(readings.size(), 3u);
    EXPECT_EQ(readings[0]->value.at("celsius"), 51.5);
    EXPECT_TRUE(module.drain());
}

TEST_F(board_temperature_test, says_that_it_is_hot_as_long_as_it_is) {
    show(75000);
    auto module = board(75);
    module.run_for(1s);
    EXPECT_EQ(module.snapshot().condition, "hot");
    show(74000);
    module.run_for(1s);
    EXPECT_EQ(module.snapshot().condition, "");
}

TEST_F(board_temperature_test, waits_for_a_sensor_that_is_not_there) {
    auto module = board();
    module.run_for(2s);
    EXPECT_EQ(module.snapshot().condition, "no sensor: " + sensor.string() + " cannot be read");
    EXPECT_TRUE(module.take<sh::record>("readings").empty());
    show(40000);
    module.run_for(1s);
    EXPECT_EQ(module.snapshot().condition, "");
    EXPECT_EQ(module.take<sh::record>("readings").size(), 1u);
}

TEST_F(board_temperature_test, refuses_a_setting_out_of_its_range) {
    EXPECT_THROW(board(1000), sh::configuration_error);
}

TEST_F(board_temperature_test, has_a_topology_that_is_right) {
    sh::host_options options;
    options.topology = TOPOLOGY;
    options.module_folders = {MODULES};
    options.executable = STREAMHOST_PROGRAM;  // beside it are the modules that come with streamhost
    EXPECT_EQ(sh::check_topology(options).text, "");
}

}  // namespace
