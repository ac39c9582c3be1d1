// @TYPE@ by itself, in virtual time; and in a real host, as @FILE@.json has it.
#include "@CLASS@.cpp"

#include <streamhost/host.hpp>
#include <streamhost/testing.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string_view>
#include <thread>

namespace {

using namespace std::chrono_literals;
using sh::testing::harness;

/// A @CLASS@ with these settings, without a host and without waiting.
struct @CLASS@_test : ::testing::Test {
    static harness with(std::string_view settings) { return harness(sh::testing::type<@CLASS@>(), settings); }
};

@UNIT_TEST@
TEST_F(@CLASS@_test, refuses_a_setting_out_of_its_range) {
    EXPECT_THROW(with(R"({ "@SETTING@": @WRONG@ })"), sh::configuration_error);
}

TEST_F(@CLASS@_test, runs_in_its_topology) {
    sh::host_options options;
    options.topology = TOPOLOGY;
    options.module_folders = {MODULES};
    options.executable = STREAMHOST_PROGRAM;  // beside it are the modules that come with streamhost
    options.log_level = "warn";
@TEST_SETS@    sh::host host(options);
    const auto came = [&host] {
        for (const auto& link : host.snapshot().links) {
            if (link.name == "@LINK@") return link.delivered;
        }
        return decltype(sh::link_snapshot::delivered){};
    };
    std::jthread watch([&](const std::stop_token& ended) {
        while (!ended.stop_requested() && came() < 3) std::this_thread::sleep_for(5ms);
        host.stop("enough have come");
    });
    EXPECT_EQ(host.run(), 0);
    EXPECT_GE(came(), 3u);
}

}  // namespace
