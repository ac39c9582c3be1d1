#include "support/running_host.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>

namespace streamhost::test {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// A host with one instance that misbehaves, `wicked`, and with the two instances of a good one's daily work.
class chaos_test : public ::testing::Test {
protected:
    running_host start(std::string_view wicked) {
        const auto topology = fmt::format(R"({{
  "name": "chaos",
  "modules": {{
    "wicked": {{ {} }},
    "source": {{ "type": "chaos.counts", "period": 10 }},
    "notes": {{ "type": "chaos.collects", "file": "{}" }}
  }},
  "links": ["source -> notes"]
}})",
                                          wicked, notes().string());
        return {folder, "chaos", topology, {"--modules", STREAMHOST_CHAOS_MODULES}};
    }

    std::filesystem::path notes() const { return folder / "notes"; }
    std::size_t noted() const { return read_lines(notes()).size(); }
    bool wait_noted(std::size_t more) const {
        const auto before = noted();
        return folder.wait([&] { return noted() >= before + more; });
    }

    /// Every record has come, whatever went on beside it.
    void expect_none_missed() const {
        std::size_t n = 0;
        for (const auto& line : read_lines(notes())) {
            ++n;
            ASSERT_EQ(line, fmt::format(R"({} {{"n":{}}})", n, n));
        }
    }

    scratch_folder folder;
};

TEST_F(chaos_test, a_constructor_that_throws_is_named_and_nothing_starts) {
    auto host = start(R"("type": "chaos.throws_in_constructor", "message": "no such sensor")");
    EXPECT_EQ(host.wait(), exits_with(1));
    EXPECT_THAT(host.log(), AllOf(HasSubstr("wicked (chaos.throws_in_constructor): no such sensor"),
                                  HasSubstr("chaos does not start: nothing is left running")));
    EXPECT_FALSE(std::filesystem::exists(host.ready_file()));
    EXPECT_EQ(noted(), 0);
}

TEST_F(chaos_test, a_run_that_throws_is_started_again_and_the_others_go_on) {
    auto host = start(R"("type": "chaos.throws_in_run", "message": "sensor lost", "after": 1, "lives": 2)");
    ASSERT_TRUE(host.wait_log("wicked: failed: sensor lost; starting again in")) << host.log();
    ASSERT_TRUE(wait_noted(20)) << host.log();
    host.send(SIGTERM);
    EXPECT_EQ(host.wait(), exits_with(0)) << host.log();
    expect_none_missed();
}

TEST_F(chaos_test, a_run_that_always_throws_fails_for_good_and_the_others_go_on) {
    auto host = start(R"("type": "chaos.throws_in_run", "message": "sensor lost", "after": 1, "restart": "never")");
    ASSERT_TRUE(host.wait_log("wicked: failed for good: sensor lost")) << host.log();
    ASSERT_TRUE(wait_noted(20)) << host.log();
    host.send(SIGTERM);
    EXPECT_EQ(host.wait(), exits_with(1)) << host.log();
    expect_none_missed();
}

TEST_F(chaos_test, who_blocks_its_lane_is_named_with_its_stack_and_other_lanes_go_on) {
    auto host = start(R"("type": "chaos.blocks_lane", "lane": "own", "after": 1, "span": 5000)");
    ASSERT_TRUE(host.wait_log("wicked: blocks lane `own`")) << host.log();
    const auto before = noted();
    ASSERT_TRUE(host.wait_log("wicked: still blocks lane `own`")) << host.log();
    EXPECT_GT(noted(), before);
    ASSERT_TRUE(host.wait_log("wicked: gave lane `own` back")) << host.log();
    EXPECT_THAT(host.log(), HasSubstr("chaos.so")) << "the stack shows whose code it is";
    host.send(SIGTERM);
    EXPECT_EQ(host.wait(), exits_with(0)) << host.log();
    expect_none_missed();
}

class endless_drain_test : public chaos_test, public ::testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(, endless_drain_test, ::testing::Values("never_drains", "spins_in_drain"),
                         [](const auto& which) { return std::string(which.param); });

TEST_P(endless_drain_test, is_named_and_left_behind_and_the_others_end_in_peace) {
    auto host = start(fmt::format(R"("type": "chaos.{}", "lane": "own")", GetParam()));
    ASSERT_TRUE(host.wait_ready()) << host.log();
    ASSERT_TRUE(wait_noted(5)) << host.log();
    host.send(SIGTERM);
    EXPECT_EQ(host.wait(), exits_with(1)) << host.log();
    EXPECT_THAT(host.log(), AllOf(HasSubstr("ended hard: wicked\n"), HasSubstr("is left behind: wicked\n")));
    expect_none_missed();
}

}  // namespace
}  // namespace streamhost::test
