#include <streamhost/drain.hpp>

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace streamhost {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class drain_test : public ::testing::Test {
protected:
    using watch = drain_state::watch;

    std::unique_ptr<watch> watching(std::string who) {
        return std::make_unique<watch>(state, [this, who] { log.push_back(who); });
    }

    drain_state state;
    std::vector<std::string> log;
};

TEST_F(drain_test, calls_every_watch_once) {
    const auto a = watching("a"), b = watching("b");
    EXPECT_FALSE(state.draining());
    state.begin();
    EXPECT_TRUE(state.draining());
    state.begin();
    EXPECT_THAT(log, ElementsAre("a", "b"));
}

TEST_F(drain_test, calls_no_watch_that_has_gone) {
    const auto a = watching("a");
    watching("b").reset();
    const auto c = watching("c");
    state.begin();
    EXPECT_THAT(log, ElementsAre("a", "c"));
}

TEST_F(drain_test, a_callback_sees_that_the_drain_has_begun) {
    const watch a(state, [this] { log.push_back(state.draining() ? "draining" : "not yet"); });
    state.begin();
    EXPECT_THAT(log, ElementsAre("draining"));
}

TEST_F(drain_test, a_callback_may_end_its_own_watch_and_others) {
    std::unique_ptr<watch> before = watching("before"), own, next, last;
    own = std::make_unique<watch>(state, [&, text = std::string("own, with a long text of its own")] {
        before.reset();
        own.reset();
        next.reset();
        log.push_back(text);
    });
    next = watching("next");
    last = watching("last");
    state.begin();
    EXPECT_THAT(log, ElementsAre("before", "own, with a long text of its own", "last"));
}

TEST_F(drain_test, a_watch_that_a_callback_makes_is_not_called) {
    std::unique_ptr<watch> late;
    const watch first(state, [&] { late = watching("late"); });
    state.begin();
    EXPECT_THAT(log, IsEmpty());
}

TEST_F(drain_test, begins_again_after_a_reset) {
    const auto a = watching("a");
    state.begin();
    state.reset();
    EXPECT_FALSE(state.draining());
    state.begin();
    EXPECT_THAT(log, ElementsAre("a", "a"));
}

}  // namespace
}  // namespace streamhost
