#pragma once

#include <streamhost/awaitable.hpp>

#include <chrono>
#include <optional>

namespace streamhost::video {

/// Thins out a source to a lower rate without delaying any picture: each is taken or left as it comes, so that the
/// mean rate is the wanted one. After a pause there is no burst. Confined to one thread.
class frame_pacer {
public:
    /// `rate`: pictures a second, 0 takes all.
    explicit frame_pacer(double rate)
        : period_(rate > 0 ? std::chrono::duration_cast<duration>(std::chrono::duration<double>(1 / rate))
                           : duration::zero()) {}

    bool admit(steady_time taken) {
        if (period_ == duration::zero()) return true;
        // A source of the same rate trembles: a little early is on time.
        if (due_ && taken < *due_ - period_ / 4) return false;
        const bool after_pause = !due_ || taken - *due_ > period_;
        due_ = (after_pause ? taken : *due_) + period_;
        return true;
    }

private:
    duration period_;
    std::optional<steady_time> due_;
};

}  // namespace streamhost::video
