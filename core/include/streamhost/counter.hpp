#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace streamhost {

/// A count with one writer at a time and readers on any thread. Costs what a plain integer costs.
class counter {
public:
    void add(std::uint64_t n = 1) noexcept { set(value() + n); }
    void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// Durations counted in buckets that grow by a quarter of an octave, from 1 us to 18 minutes: a percentile read from
/// it is at most 25 % too high. One writer at a time, readers on any thread.
class latency_histogram {
public:
    static constexpr int octaves = 30;
    static constexpr int steps = 4;  ///< buckets in an octave

    void add(std::int64_t ns) noexcept { buckets_[index(ns)].add(); }

    std::uint64_t total() const noexcept {
        std::uint64_t sum = 0;
        for (const auto& bucket : buckets_) sum += bucket.value();
        return sum;
    }

    /// The upper edge, in ns, of the bucket that holds the given share (0 to 1) of all; 0 while empty.
    std::int64_t percentile(double share) const noexcept {
        const auto wanted = static_cast<double>(total()) * share;
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            seen += buckets_[i].value();
            if (seen > 0 && static_cast<double>(seen) >= wanted) return upper_edge(i);
        }
        return 0;
    }

private:
    static std::size_t index(std::int64_t ns) noexcept {
        // In quarters of the first bucket's microsecond, so that the lowest octaves have their four steps as well.
        const auto quarters = ns < 1000 ? std::uint64_t{steps} : static_cast<std::uint64_t>(ns) / 250;
        const int octave = std::bit_width(quarters) - 3;
        if (octave >= octaves) return octaves * steps - 1;
        return static_cast<std::size_t>(octave * steps) + ((quarters >> octave) & 3);
    }
    static std::int64_t upper_edge(std::size_t i) noexcept {
        const auto octave = i / steps, within = i % steps;
        return static_cast<std::int64_t>((std::uint64_t{1000} << octave) * (steps + within + 1) / steps);
    }

    std::array<counter, octaves * steps> buckets_;
};

}  // namespace streamhost
