#include "support/pseudo_terminal.hpp"
#include "support/running_host.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>

namespace streamhost::test {
namespace {

/// A sensor and `cat`, which puts its readings into the log.
std::string showing(std::string_view sensor) {
    return fmt::format(R"({{
  "name": "sensors",
  "modules": {{
    "sensor": {},
    "show": {{ "type": "process.run", "command": ["cat"], "inputs": {{ "readings": "record" }} }}
  }},
  "links": ["sensor.records -> show.readings"]
}})",
                       sensor);
}

TEST(sensor_test, the_machine_tells_how_it_is) {
    const scratch_folder folder;
    running_host host(folder, "host", showing(R"({ "type": "sensor.system", "period": "200ms" })"));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    EXPECT_TRUE(host.wait_log("memory_available_bytes\":")) << host.log();
    host.send(SIGTERM);
    EXPECT_EQ(host.wait(), exits_with(0)) << host.log();
}

TEST(sensor_test, a_device_at_a_serial_port_is_heard_while_it_is_there) {
    const scratch_folder folder;
    pseudo_terminal line;
    const auto port = folder / "port";
    running_host host(folder, "host", showing(fmt::format(R"({{ "type": "sensor.serial", "device": "{}" }})", port.string())));
    ASSERT_TRUE(host.wait_ready()) << "a device that is away stops no start: " << host.log();
    EXPECT_TRUE(host.wait_log("port: No such file or directory")) << host.log();
    std::filesystem::create_symlink(line.path(), port);
    EXPECT_TRUE(host.wait_log("port is open")) << host.log();
    const std::string_view words = "{\"moisture_percent\": 41}\n";
    ASSERT_EQ(::write(line.user(), words.data(), words.size()), static_cast<ssize_t>(words.size()));
    EXPECT_TRUE(host.wait_log("show: {\"moisture_percent\":41}")) << host.log();
    line.hang_up();
    EXPECT_TRUE(host.wait_log("port is gone")) << host.log();
    host.send(SIGTERM);
    EXPECT_EQ(host.wait(), exits_with(0)) << host.log();
}

}  // namespace
}  // namespace streamhost::test
