#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "topologies.hpp"

#include <gmock/gmock.h>

namespace streamhost::test {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

TEST(doctor_test, says_what_there_is_and_what_to_do) {
    const scratch_folder folder;
    const auto report = run_streamhost(folder, {"doctor"});
    for (const auto* about : {"modules", "camera", "sound", "display", "network", "clock", "limits"}) {
        EXPECT_THAT(report.out, ContainsRegex(fmt::format("(ok  |note|mend)  {} ", about)));
    }
}

TEST(doctor_test, tries_the_addresses_of_a_topology) {
    const scratch_folder folder;
    const raw_listener other;
    const auto taken = folder.write("taken.json", serving(fmt::format("127.0.0.1:{}", other.port())));
    const auto report = run_streamhost(folder, {"doctor", taken, "--modules", STREAMHOST_TEST_MODULES});
    EXPECT_EQ(report.end, exits_with(1));
    EXPECT_THAT(report.out, ContainsRegex(fmt::format("mend  video  +127.0.0.1:{}: Address already in use", other.port())));
    const auto wrong = folder.write("wrong.json", R"({ "modules": { "a": { "type": "video.tcp_sever" } } })");
    EXPECT_THAT(run_streamhost(folder, {"doctor", wrong}).out, HasSubstr("did you mean `video.tcp_server`?"));
}

}  // namespace
}  // namespace streamhost::test
