#include "system_record.hpp"

#include "proc_texts.hpp"
#include "support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace streamhost::sensor {
namespace {

using namespace std::chrono_literals;

TEST(system_record, has_what_changed_in_the_period_and_what_is_now) {
    system_sample before, now;
    before.processor = parse_processor_times(test::stat_text);
    now.processor = parse_processor_times(test::later_stat_text);
    before.interfaces = parse_interfaces(test::net_dev_text);
    now.interfaces = parse_interfaces(test::later_net_dev_text);
    now.load = parse_load_average(test::loadavg_text);
    now.memory = parse_memory_use(test::meminfo_text);
    now.uptime_s = 350.25;
    now.temperatures = {{"cpu-thermal", 48.3}, {"gpu-thermal", 51.5}};
    const auto record = to_record(before, now, 2s);
    EXPECT_DOUBLE_EQ(record.at("processor_percent").as_double(), 75) << "150 of 200 ticks";
    EXPECT_DOUBLE_EQ(record.at("load_1min").as_double(), 0.52);
    EXPECT_DOUBLE_EQ(record.at("load_15min").as_double(), 10.59);
    EXPECT_EQ(record.at("memory_total_bytes").as_uint64(), 3884392u * 1024);
    EXPECT_EQ(record.at("memory_available_bytes").as_uint64(), 3253960u * 1024);
    EXPECT_DOUBLE_EQ(record.at("uptime_s").as_double(), 350.25);
    EXPECT_DOUBLE_EQ(record.at("temperature_celsius").as_double(), 51.5);
    EXPECT_DOUBLE_EQ(record.at("temperatures_celsius").at("cpu-thermal").as_double(), 48.3);
    EXPECT_DOUBLE_EQ(record.at("network_received_bytes_per_s").as_double(), 1000);
    EXPECT_DOUBLE_EQ(record.at("network_sent_bytes_per_s").as_double(), 100);
    const auto& interfaces = record.at("interfaces").as_object();
    EXPECT_EQ(interfaces.size(), 1u) << "one counts from 0 again, one is new";
    EXPECT_DOUBLE_EQ(interfaces.at("eth0").at("received_bytes_per_s").as_double(), 1000);
}

TEST(system_record, leaves_out_what_the_machine_does_not_have) {
    EXPECT_EQ(boost::json::serialize(to_record({}, {}, 1s)), "{}");
    system_sample same;
    same.processor = parse_processor_times(test::stat_text);
    EXPECT_EQ(boost::json::serialize(to_record(same, same, 1s)), "{}") << "no tick has passed";
}

TEST(system_record, reads_the_files) {
    streamhost::test::scratch_folder root;
    for (const auto* folder : {"proc/net", "sys/class/thermal/thermal_zone0", "sys/class/thermal/thermal_zone1",
                               "sys/class/thermal/thermal_zone2", "sys/class/thermal/cooling_device0"}) {
        std::filesystem::create_directories(root / folder);
    }
    root.write("proc/stat", test::stat_text);
    root.write("proc/net/dev", test::net_dev_text);
    root.write("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
    root.write("sys/class/thermal/thermal_zone0/temp", "48312\n");
    root.write("sys/class/thermal/thermal_zone1/type", "cpu-thermal\n");
    root.write("sys/class/thermal/thermal_zone1/temp", "50000\n");
    root.write("sys/class/thermal/thermal_zone2/type", "broken\n");
    root.write("sys/class/thermal/cooling_device0/temp", "99000\n");
    const auto sample = read_system(root.path());
    EXPECT_TRUE(sample.processor);
    EXPECT_FALSE(sample.load);
    EXPECT_FALSE(sample.memory);
    EXPECT_FALSE(sample.uptime_s);
    EXPECT_EQ(sample.interfaces.size(), 2u);
    EXPECT_EQ(sample.temperatures, (std::map<std::string, double>{{"cpu-thermal", 50.0}}));
}

TEST(system_record, of_this_machine_says_something) {
    const auto sample = read_system("/");
    EXPECT_TRUE(sample.processor);
    EXPECT_TRUE(sample.memory);
    EXPECT_TRUE(sample.load);
    EXPECT_TRUE(sample.uptime_s);
}

}  // namespace
}  // namespace streamhost::sensor
