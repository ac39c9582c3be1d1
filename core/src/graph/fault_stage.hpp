#pragma once

#include <streamhost/backoff.hpp>
#include <streamhost/export.hpp>
#include <streamhost/message.hpp>
#include <streamhost/queue_policy.hpp>
#include <streamhost/timers.hpp>

#include <deque>
#include <functional>

namespace streamhost {

/// A bad network in front of a link's queue, for tests: loses, delays, stalls and slows down messages, and never changes
/// their order. Confined to the sender's lane.
class STREAMHOST_API fault_stage {
public:
    /// `pass` gets each message whose time has come; `lose` is told of each that never comes. The same seed and the same
    /// messages give the same faults.
    fault_stage(const link_fault& options, timer_queue& timers, std::uint64_t seed,
                std::function<void(const envelope&)> pass, std::function<void()> lose)
        : options_(options), timers_(timers), random_(seed), pass_(std::move(pass)), lose_(std::move(lose)), due_(timers) {}

    void take(const envelope& content);
    /// Passes on what is still on its way: nothing more comes.
    void flush();

private:
    struct on_its_way {
        steady_time when;
        envelope content;
    };

    steady_time time_for(const envelope& content);
    steady_time behind_stall(steady_time when) const;
    void pass_due();

    link_fault options_;
    timer_queue& timers_;
    random_engine random_;
    std::function<void(const envelope&)> pass_;
    std::function<void()> lose_;
    std::deque<on_its_way> waiting_;
    steady_time free_at_{};  // when the bytes before have passed
    timer due_;
};

}  // namespace streamhost
