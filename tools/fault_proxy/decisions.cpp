#include "decisions.hpp"

namespace fault_proxy {
namespace {

std::mt19937_64 engine_for(std::uint64_t seed, direction way, std::uint64_t flow) {
    const auto high = [](std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); };
    const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
    std::seed_seq words{high(seed), low(seed), static_cast<std::uint32_t>(way), high(flow), low(flow)};
    return std::mt19937_64(words);
}

}  // namespace

decisions::decisions(std::uint64_t seed, direction way, std::uint64_t flow, const faults& chances)
    : chances_(chances), engine_(engine_for(seed, way, flow)) {}

/// The library's distributions differ from one C++ library to the next; its engines do not.
double decisions::draw() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

decision decisions::next() {
    decision made;
    made.lose = draw() < chances_.loss;
    made.duplicate = draw() < chances_.duplicate;
    made.reorder = draw() < chances_.reorder;
    made.jitter = draw();
    return made;
}

}  // namespace fault_proxy
