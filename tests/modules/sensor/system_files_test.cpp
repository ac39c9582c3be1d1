#include "system_files.hpp"

#include "proc_texts.hpp"

#include <gtest/gtest.h>

namespace streamhost::sensor {
namespace {

TEST(system_files, processor_times_are_those_of_all_processors) {
    const auto times = parse_processor_times(test::stat_text);
    ASSERT_TRUE(times);
    EXPECT_EQ(times->total, 1000u + 20 + 300 + 8000 + 100 + 0 + 30 + 0);
    EXPECT_EQ(times->busy, 1000u + 20 + 300 + 30);
}

TEST(system_files, a_virtual_machine_s_stolen_time_counts_as_busy_and_its_guests_once) {
    const auto times = parse_processor_times("cpu  10 0 10 70 5 0 0 5 4 0\n");
    ASSERT_TRUE(times);
    EXPECT_EQ(times->total, 100u);
    EXPECT_EQ(times->busy, 25u);
}

TEST(system_files, load_memory_and_uptime) {
    const auto load = parse_load_average(test::loadavg_text);
    ASSERT_TRUE(load);
    EXPECT_DOUBLE_EQ(load->one_minute, 0.52);
    EXPECT_DOUBLE_EQ(load->five_minutes, 0.58);
    EXPECT_DOUBLE_EQ(load->fifteen_minutes, 10.59);
    const auto memory = parse_memory_use(test::meminfo_text);
    ASSERT_TRUE(memory);
    EXPECT_EQ(memory->total_bytes, 3884392u * 1024);
    EXPECT_EQ(memory->available_bytes, 3253960u * 1024);
    EXPECT_DOUBLE_EQ(parse_uptime_s("350735.47 234388.90\n").value(), 350735.47);
}

TEST(system_files, interfaces_without_the_loopback) {
    const auto interfaces = parse_interfaces(test::net_dev_text);
    ASSERT_EQ(interfaces.size(), 2u);
    EXPECT_EQ(interfaces[0].name, "eth0");
    EXPECT_EQ(interfaces[0].received, 1500u);
    EXPECT_EQ(interfaces[0].sent, 2500u);
    EXPECT_EQ(interfaces[1].name, "wlan0") << "a large number leaves no space behind the colon";
    EXPECT_EQ(interfaces[1].received, 12345678901u);
}

TEST(system_files, temperatures) {
    EXPECT_DOUBLE_EQ(parse_temperature("48312\n").value(), 48.312);
    EXPECT_DOUBLE_EQ(parse_temperature("-5000\n").value(), -5);
    EXPECT_FALSE(parse_temperature("-274000\n")) << "of a zone without a sensor";
    EXPECT_FALSE(parse_temperature(""));
}

TEST(system_files, what_is_not_as_expected_is_nothing) {
    for (const auto* text : {"", "\n", "cpu", "cpu 1 2 3\n", "cpu a b c d e f g h\n", "cpu0 1 2 3 4 5 6 7 8\n", "cpu -1 2 3 4 5 6 7 8"}) {
        EXPECT_FALSE(parse_processor_times(text)) << text;
    }
    for (const auto* text : {"", "0.5 0.5", "a b c", "0.5 0.5 0.5x"}) EXPECT_FALSE(parse_load_average(text)) << text;
    for (const auto* text : {"", "MemTotal: 5 kB\n", "MemTotal: x kB\nMemAvailable: 5 kB\n", "MemTotal: 5 MB\nMemAvailable: 5 kB\n"}) {
        EXPECT_FALSE(parse_memory_use(text)) << text;
    }
    EXPECT_FALSE(parse_uptime_s("up"));
    for (const auto* text : {"", "one line", "a\nb\n", "a\nb\neth0", "a\nb\neth0: 1 2 3\n", "a\nb\n: 1 2 3 4 5 6 7 8 9 10\n"}) {
        EXPECT_TRUE(parse_interfaces(text).empty()) << text;
    }
}

}  // namespace
}  // namespace streamhost::sensor
