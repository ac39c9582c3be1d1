#include "system.hpp"

#include "proc_texts.hpp"
#include "support/scratch_folder.hpp"

#include <streamhost/testing.hpp>

#include <gmock/gmock.h>

#include <boost/json/object.hpp>

namespace streamhost::sensor::test {
namespace {

using namespace std::chrono_literals;
using ::testing::SizeIs;

std::filesystem::path root;

/// The module with files of the test's.
class system_of_test final : public module {
public:
    static module_info describe() {
        return streamhost::describe<system_of_test, system_settings>("test.system", "sensor.system with other files")
            .setting("period", &system_settings::period, "as there")
            .output<record>("records", "as there").capture();
    }
    system_of_test(module_context& host, system_settings chosen) : inner_(host, chosen, root) {}
    awaitable<void> run() override { return inner_.run(); }

private:
    sensor::system inner_;
};

TEST(system_test, sends_a_record_each_period) {
    streamhost::test::scratch_folder folder;
    root = folder.path();
    std::filesystem::create_directories(folder / "proc/net");
    folder.write("proc/stat", stat_text);
    folder.write("proc/net/dev", net_dev_text);
    testing::harness machine(testing::type<system_of_test>(), R"({ "period": "2s" })");
    const auto start = machine.clock().now();
    machine.run_for(1500ms);
    folder.write("proc/stat", later_stat_text);
    folder.write("proc/net/dev", later_net_dev_text);
    machine.run_for(3s);

    const auto records = machine.take<record>("records");
    ASSERT_THAT(records, SizeIs(2));
    EXPECT_EQ(records[0].arrived_ns() - start.time_since_epoch().count(), duration(2s).count());
    EXPECT_EQ(records[1].arrived_ns() - start.time_since_epoch().count(), duration(4s).count());
    EXPECT_DOUBLE_EQ(records[0]->value.at("processor_percent").to_number<double>(), 75);
    EXPECT_DOUBLE_EQ(records[0]->value.at("network_received_bytes_per_s").to_number<double>(), 1000);
    EXPECT_FALSE(records[1]->value.as_object().contains("processor_percent")) << "no tick has passed";
}

}  // namespace
}  // namespace streamhost::sensor::test
