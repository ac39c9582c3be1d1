// Runs @TYPE@ in this process, as @FILE@.json has it.
#include <streamhost/host.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <thread>

namespace sh = streamhost;
using namespace std::chrono_literals;

namespace {

/// The topology with the module of this build.
sh::host_options topology() {
    sh::host_options options;
    options.topology = TOPOLOGY;
    options.module_folders = {MODULES};
    options.executable = STREAMHOST;  // beside it are the modules that come with streamhost
    options.log_level = "warn";
    options.sets = {@TEST_SETS@};
    return options;
}

/// Messages that have come through the link.
std::uint64_t delivered(const sh::host_snapshot& now) {
    for (const auto& link : now.links) {
        if (link.name == "@LINK@") return link.delivered;
    }
    ADD_FAILURE() << "no link @LINK@";
    return 0;
}

TEST(@CLASS@, messages_come_through) {
    sh::host host(topology());
    std::jthread watch([&](const std::stop_token& ended) {
        while (!ended.stop_requested() && delivered(host.snapshot()) < 3) std::this_thread::sleep_for(5ms);
        host.stop("enough have come");
    });
    EXPECT_EQ(host.run(), 0);
    EXPECT_GE(delivered(host.snapshot()), 3u);
}

TEST(@CLASS@, a_setting_out_of_its_range_is_refused) {
    auto options = topology();
    options.sets.emplace_back("modules.@INSTANCE@.@SETTING@", "@WRONG@");
    const auto report = sh::check_topology(options);
    EXPECT_FALSE(report.good);
    EXPECT_NE(report.text.find("@SETTING@"), std::string::npos) << report.text;
}

}  // namespace
