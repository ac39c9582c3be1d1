#pragma once

#include <streamhost/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace streamhost::audio {

/// How fast something counts frames, by the clock of this machine: the slope of a straight line through the counts of
/// the last minute (ordinary least squares). What trembles around the line, such as packets, averages out. One thread at
/// a time.
class rate_meter {
public:
    /// An answer needs counts over so long, and looks no further back than so long.
    static constexpr duration shortest_span = std::chrono::seconds(20);
    static constexpr duration longest_span = std::chrono::seconds(60);

    /// `frames`: how many there were by that moment, since any beginning. Both never fall.
    void add(steady_time at, std::int64_t frames);

    /// Something was interrupted: what was counted before says nothing any more.
    void reset() { points_.clear(); }

    /// In frames per second.
    struct estimate {
        double rate = 0;
        double error = 0;  ///< standard error of the rate
    };
    /// Nothing while it is too early.
    std::optional<estimate> rate() const;

private:
    /// The mean of some neighbouring counts, relative to the first ones.
    struct point {
        double seconds = 0;
        double frames = 0;
        int count = 0;
    };

    steady_time begin_;
    std::int64_t first_frames_ = 0;
    std::deque<point> points_;
};

}  // namespace streamhost::audio
