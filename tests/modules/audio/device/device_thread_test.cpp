#include "device_thread.hpp"

#include "async/lane.hpp"
#include "async/machine_clock.hpp"

#include <gmock/gmock.h>

#include <semaphore>
#include <stdexcept>

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;
using run = device_thread<playback_event>;
using ::testing::ElementsAre;

class device_thread_test : public ::testing::Test {
protected:
    std::unique_ptr<run> start(run::work job) {
        return std::make_unique<run>(std::move(job), own.own_executor(), [this] { changed = true; });
    }

    /// Until the thread has ended; what it reported meanwhile.
    std::vector<std::string> events_of(run& thread) {
        std::vector<std::string> events;
        for (;;) {
            const bool ended = thread.ended();
            while (const auto event = thread.take()) {
                const auto* const device = std::get_if<playing_device>(&*event);
                events.push_back(device != nullptr ? device->name : "failure: " + std::get<device_failure>(*event).reason);
            }
            if (ended) return events;
            own.poll();
            std::this_thread::yield();
        }
    }

    machine_clock time;
    lane own{"test", time};
    bool changed = false;
};

TEST_F(device_thread_test, what_it_reports_arrives_in_order_and_the_lane_is_told) {
    const auto thread = start([](device_wish&, const run::report& say) {
        for (const char* const name : {"one", "two", "three"}) EXPECT_TRUE(say(playing_device{name, nullptr}));
        say(device_failure{"it is gone"});
    });
    EXPECT_THAT(events_of(*thread), ElementsAre("one", "two", "three", "failure: it is gone"));
    own.poll();
    EXPECT_TRUE(changed);
}

TEST_F(device_thread_test, what_it_throws_is_a_failure) {
    const auto thread = start([](device_wish&, const run::report&) { throw std::runtime_error("the driver is broken"); });
    EXPECT_THAT(events_of(*thread), ElementsAre("failure: the driver is broken"));
}

TEST_F(device_thread_test, it_ends_when_it_is_asked_to) {
    const auto thread = start([](device_wish& wish, const run::report& say) {
        while (wish.wait_for(1h)) {
        }
        say(playing_device{wish.play_out() ? "plays out" : "ends at once", nullptr});
    });
    thread->stop(true);
    EXPECT_THAT(events_of(*thread), ElementsAre("plays out"));
}

TEST_F(device_thread_test, one_that_hangs_holds_nobody_and_owns_what_it_uses) {
    auto wakes = std::make_shared<std::binary_semaphore>(0);
    auto ended = std::make_shared<std::binary_semaphore>(0);
    {
        const auto thread = start([wakes, ended](device_wish&, const run::report& say) {
            wakes->acquire();
            EXPECT_FALSE(say(playing_device{"too late", nullptr}));
            ended->release();
        });
        thread->stop(false);
        EXPECT_FALSE(thread->ended());
    }
    wakes->release();
    ended->acquire();
}

}  // namespace
}  // namespace streamhost::audio
