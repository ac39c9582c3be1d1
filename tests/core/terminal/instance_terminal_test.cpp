#include "support/stage.hpp"

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using test::scripted;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The terminal that a context lends, in virtual time.
class instance_terminal_test : public test::stage {
protected:
    simulated_terminal& terminal() { return world.terminal_of(simulated_face()); }

    static awaitable<void> read_all(scripted& self) {
        auto claim = self.host.terminal().claim({});
        for (;;) {
            const auto line = co_await claim.read_line();
            if (!line) {
                self.at.note("error: " + line.error().message());
                break;
            }
            self.at.note(*line);
        }
    }
    static std::string error(errc code) { return "error: " + make_error_code(code).message(); }
};

TEST_F(instance_terminal_test, lines_come_as_they_are_typed_and_end) {
    terminal().type("early");
    add("a", {.run = read_all});
    EXPECT_EQ(run([&] {
        terminal().type("one");
        world.run_for(1s);
        EXPECT_EQ(terminal().holder(), "a");
        terminal().type("two");
        terminal().end_input();
    }), 0);
    EXPECT_THAT(notes, ElementsAre("early", "one", "two", error(errc::end_of_stream)));
    EXPECT_EQ(terminal().holder(), "") << "given back";
}

TEST_F(instance_terminal_test, a_drain_ends_the_reading) {
    add("a", {.run = read_all});
    EXPECT_EQ(run([&] {
        world.run_for(1s);
        host->stop_host("test");
    }), 0);
    EXPECT_THAT(notes, ElementsAre(error(errc::draining)));
}

TEST_F(instance_terminal_test, a_second_claimant_is_told_who_holds_it) {
    const auto holds = [](scripted& self) -> awaitable<void> {
        const auto claim = self.host.terminal().claim({});
        co_await self.host.sleep_for(1h);
    };
    add("first", {.run = holds});
    add("second", {.run = [](scripted& self) -> awaitable<void> {
            co_await self.host.sleep_for(1s);
            try {
                const auto claim = self.host.terminal().claim({});
            } catch (const configuration_error& e) {
                self.at.note(e.what());
            }
            self.host.stop_host("test");
        }});
    EXPECT_EQ(run(), 0);
    EXPECT_THAT(notes, ElementsAre(HasSubstr("held by `first`")));
}

TEST_F(instance_terminal_test, who_shows_more_than_fits_waits_for_room) {
    terminal().set_room(2);
    add("a", {.run = [](scripted& self) -> awaitable<void> {
            auto claim = self.host.terminal().claim({});
            for (const auto* line : {"one", "two", "three"}) {
                co_await claim.show(line);
                self.at.note(line);
            }
            co_await claim.flush(1s);
        }});
    EXPECT_EQ(run([&] {
        world.run_for(10s);
        EXPECT_THAT(notes, ElementsAre("one", "two"));
        terminal().set_room(5);
    }), 0);
    EXPECT_THAT(notes, ElementsAre("one", "two", "three"));
    EXPECT_THAT(terminal().shown(), ElementsAre("one", "two", "three"));
}

TEST_F(instance_terminal_test, a_terminal_that_is_stopped_holds_up_no_drain) {
    terminal().set_room(0);
    add("a", {.run = [](scripted& self) -> awaitable<void> {
            auto claim = self.host.terminal().claim({});
            co_await claim.show("nobody sees this");
            self.at.note("went on");
        }});
    EXPECT_EQ(run([&] {
        world.run_for(1s);
        host->stop_host("test");
    }), 0);
    EXPECT_THAT(notes, ElementsAre("went on"));
    EXPECT_LT(lasted, 2s);
}

}  // namespace
}  // namespace streamhost
