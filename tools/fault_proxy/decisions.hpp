#pragma once

#include "faults.hpp"

#include <cstdint>
#include <random>

namespace fault_proxy {

/// What happens to one packet by chance.
struct decision {
    bool lose = false;
    bool duplicate = false;
    bool reorder = false;
    double jitter = 0;  ///< share of `faults::jitter`, 0 to 1

    friend bool operator==(const decision&, const decision&) = default;
};

/// The chances of one direction of one flow. The same seed gives the same decisions for the same packets, on every machine
/// and whatever the other flows do. Each packet takes the same number of draws, so that a fault that is added leaves the
/// others where they were.
class decisions {
public:
    /// `flow` counts the flows in the order in which they came.
    decisions(std::uint64_t seed, direction way, std::uint64_t flow, const faults& chances);

    decision next();

private:
    double draw();

    faults chances_;
    std::mt19937_64 engine_;
};

}  // namespace fault_proxy
