#pragma once

#include <streamhost/awaitable.hpp>

#include <cstdint>

namespace streamhost {

/// Where time comes from: the machine's clocks, or a simulation's. Safe from any thread.
class clock {
public:
    virtual ~clock() = default;

    /// Never jumps; the same for all hosts of one machine between two boots. Every timeout and age uses it.
    virtual steady_time now() const noexcept = 0;

    /// Nanoseconds since 1970 in UTC, for labels only: it may jump.
    virtual std::int64_t wall_ns() const noexcept = 0;

    std::int64_t steady_ns() const noexcept { return now().time_since_epoch().count(); }
};

}  // namespace streamhost
