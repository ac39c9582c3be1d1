#pragma once

#include <streamhost/awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace streamhost {

/// Random numbers of one instance: seeded by the machine, or by a simulation. Confined to the instance's lane.
using random_engine = std::mt19937_64;

/// Exponential back-off with full jitter: each delay is uniform between 0 and a ceiling that doubles from `first` to
/// `most`, so that many clients of one restarted server do not come back in step.
/// See M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
class backoff {
public:
    backoff(duration first, duration most) : first_(first), most_(most), ceiling_(first) {}

    duration next(random_engine& random) {
        std::uniform_int_distribution<std::int64_t> within(0, ceiling_.count());
        ceiling_ = std::min(ceiling_ * 2, most_);
        return duration(within(random));
    }

    /// After a success.
    void reset() noexcept { ceiling_ = first_; }

private:
    duration first_;
    duration most_;
    duration ceiling_;
};

}  // namespace streamhost
