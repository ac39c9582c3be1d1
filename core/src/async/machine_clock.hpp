#pragma once

#include <streamhost/clock.hpp>

namespace streamhost {

/// The machine's own clocks.
class machine_clock final : public clock {
public:
    steady_time now() const noexcept override { return std::chrono::steady_clock::now(); }
    std::int64_t wall_ns() const noexcept override {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    }
};

}  // namespace streamhost
