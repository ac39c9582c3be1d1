// The sources of the documents, run.
#include "depth_sounder.cpp"
#include "lidar.cpp"
#include "thermometer.cpp"
#include "traps.cpp"

#include <streamhost/testing.hpp>

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

namespace streamhost {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::harness;

std::string content_of(const fs::path& file) {
    std::ostringstream content;
    content << std::ifstream(file).rdbuf();
    return content.str();
}

std::vector<std::string> lines_of(harness& of) {
    std::vector<std::string> lines;
    for (const auto& each : of.take<text>("lines")) lines.push_back(each->line);
    return lines;
}

std::string json_of(const std::vector<message<record>>& all) {
    std::string text;
    for (const auto& each : all) text += boost::json::serialize(each->value);
    return text;
}

TEST(depth_sounder, reads_what_its_device_says_and_comes_back_to_it) {
    harness probe(testing::type<depth_sounder>());
    probe.listen("127.0.0.1:7000");
    probe.run_for(1s);
    auto device = probe.accept("127.0.0.1:7000");
    ASSERT_EQ(device.size(), 1u);
    device[0].write("12.5\n13");
    probe.run_for(1s);
    EXPECT_EQ(json_of(probe.take<record>("records")), R"({"depth_m":1.25E1})");
    device[0].write(".25\nnonsense\n");
    probe.run_for(1s);
    EXPECT_EQ(json_of(probe.take<record>("records")), R"({"depth_m":1.325E1})");
    EXPECT_THAT(probe.log(), ElementsAre("warn: not a depth: nonsense"));
    probe.cut_sessions();
    probe.run_for(20s);
    EXPECT_GE(probe.accept("127.0.0.1:7000").size(), 1u);
    probe.refuse("127.0.0.1:7000");
    probe.cut_sessions();
    probe.run_for(1s);
    EXPECT_EQ(probe.snapshot().condition, "no sounder at 127.0.0.1:7000");
    EXPECT_TRUE(probe.drain());
}

TEST(thermometer, reads_once_a_period_and_takes_another_period) {
    const auto file = fs::temp_directory_path() / "streamhost-thermometer";
    std::ofstream(file) << "21500\n";
    harness probe(testing::type<thermometer>(), R"({ "device": ")" + file.string() + R"(", "period": "1s" })");
    probe.run_for(3500ms);
    EXPECT_EQ(json_of(probe.take<record>("records")), R"({"temperature_c":2.15E1}{"temperature_c":2.15E1}{"temperature_c":2.15E1})");
    probe.reconfigure(R"({ "device": ")" + file.string() + R"(", "period": "100ms" })");
    probe.run_for(3500ms);
    EXPECT_GT(probe.take<record>("records").size(), 20u);
    EXPECT_THROW(probe.reconfigure(R"({ "device": "another" })"), configuration_error);
    fs::remove(file);
    probe.run_for(1s);
    EXPECT_EQ(probe.snapshot().condition, "no thermometer at " + file.string());
}

TEST(lidar, posts_from_the_thread_of_its_vendor) {
    harness probe(testing::type<lidar>());
    std::size_t got = 0;
    for (int i = 0; i < 2000 && got < 100; ++i) {
        std::this_thread::sleep_for(1ms);
        probe.run_for(1ms);
        for (const auto& each : probe.take<scan>("scans")) {
            ++got;
            EXPECT_EQ(each->ranges.size(), 360u);
        }
    }
    EXPECT_GE(got, 100u);
    const scan one{{1, 2, 3}};
    EXPECT_EQ(message_traits<scan>::decode(message_traits<scan>::encode(one))->ranges, one.ranges);
    EXPECT_FALSE(message_traits<scan>::decode(shared_bytes::adopt(std::string("ab"))));
}

TEST(traps, the_right_ones_are) {
    harness probe(testing::type<traps>());
    probe.run_for(1s);
    EXPECT_THAT(lines_of(probe), ::testing::UnorderedElementsAre("by value", "by argument", "by copy", "by name"));
}

/// Every block of C++ in a document is a part of one of these sources, or of this one, line by line.
TEST(documents, show_what_is_compiled_here) {
    std::string sources = content_of(STREAMHOST_DOCS_FOLDER "/../tests/docs/snippets_test.cpp");
    for (const auto& each : fs::directory_iterator(STREAMHOST_DOCS_FOLDER "/snippets")) sources += content_of(each.path());
    for (const auto* document : {"writing-a-module.md", "coroutine-traps.md"}) {
        const auto text = content_of(fs::path(STREAMHOST_DOCS_FOLDER) / document);
        const std::regex block("```cpp\n([^`]*)```");
        int blocks = 0;
        for (std::sregex_iterator next(text.begin(), text.end(), block), end; next != end; ++next, ++blocks) {
            EXPECT_NE(sources.find((*next)[1].str()), std::string::npos) << document << ":\n" << (*next)[1].str();
        }
        EXPECT_GT(blocks, 2) << document;
    }
}

}  // namespace
}  // namespace streamhost
