#include "departures.hpp"

#include <algorithm>

namespace fault_proxy {

departures::time departures::next(time arrival, std::size_t bytes, double jitter_share) {
    auto begin = std::max(arrival, free_);
    if (!stalled_ && passed_ >= faults_.stall_after) {
        stalled_ = true;
        begin = std::max(begin, arrival + faults_.stall_for);
    }
    passed_ += bytes;
    free_ = begin;
    if (faults_.rate > 0) {
        const std::chrono::duration<double> taken(static_cast<double>(bytes) / static_cast<double>(faults_.rate));
        free_ += std::chrono::duration_cast<time::duration>(taken);
    }
    const auto jitter = std::chrono::duration_cast<time::duration>(faults_.jitter * jitter_share);
    last_ = std::max(last_, free_ + faults_.delay + jitter);
    return last_;
}

std::uint64_t departures::bytes_to_boundary() const {
    const auto to = [&](std::uint64_t boundary) { return boundary == never ? never : boundary - std::min(boundary, passed_); };
    const auto cut = to(faults_.cut_after);
    return stalled_ || passed_ >= faults_.stall_after ? cut : std::min(cut, to(faults_.stall_after));
}

}  // namespace fault_proxy
