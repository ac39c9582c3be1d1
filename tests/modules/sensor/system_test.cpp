#include "system.hpp"

#include "proc_texts.hpp"
#include "sensor_stage.hpp"
#include "support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

namespace streamhost::sensor::test {
namespace {

using ::testing::ElementsAre;
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
    play seen;
    current = &seen;
    streamhost::test::scratch_folder folder;
    root = folder.path();
    std::filesystem::create_directories(folder / "proc/net");
    folder.write("proc/stat", stat_text);
    folder.write("proc/net/dev", net_dev_text);
    seen.act = [&folder](module_context& host) -> awaitable<void> {
        co_await host.sleep_for(1500ms);
        folder.write("proc/stat", later_stat_text);
        folder.write("proc/net/dev", later_net_dev_text);
        co_await host.sleep_for(3s);
    };
    streamhost::test::plan_builder plan;
    plan.add<system_of_test>("system", {{"period", 2000}});
    plan.add<sink>("sink");
    plan.add<actor>("actor");
    plan.link("system.records", "sink.records");
    simulation world(1);
    host_runtime host(plan.plan(), world.add_host());
    EXPECT_EQ(host.run({}), 0);
    EXPECT_THAT(seen.times, ElementsAre(2s, 4s));
    ASSERT_THAT(seen.records, SizeIs(2));
    const auto first = boost::json::parse(seen.records[0]);
    EXPECT_DOUBLE_EQ(first.at("processor_percent").to_number<double>(), 75);
    EXPECT_DOUBLE_EQ(first.at("network_received_bytes_per_s").to_number<double>(), 1000);
    EXPECT_FALSE(boost::json::parse(seen.records[1]).as_object().contains("processor_percent")) << "no tick has passed";
}

}  // namespace
}  // namespace streamhost::sensor::test
