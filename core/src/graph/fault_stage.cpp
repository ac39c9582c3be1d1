#include "graph/fault_stage.hpp"

#include <algorithm>

namespace streamhost {
namespace {

/// A line that is too slow for what is sent must not fill the memory.
constexpr std::size_t most_on_their_way = 4096;

}  // namespace

void fault_stage::take(const envelope& content) {
    const bool lost = options_.loss > 0 && std::uniform_real_distribution<>(0, 1)(random_) < options_.loss;
    if (lost || waiting_.size() >= most_on_their_way) return lose_();
    auto when = time_for(content);
    if (!waiting_.empty()) when = std::max(when, waiting_.back().when);
    if (waiting_.empty() && when <= timers_.time().now()) return pass_(content);
    waiting_.push_back({when, content});
    if (waiting_.size() == 1) due_.start(when, [this] { pass_due(); });
}

steady_time fault_stage::time_for(const envelope& content) {
    const auto now = timers_.time().now();
    duration delay = options_.delay_ms;
    if (options_.jitter_ms.count() > 0) {
        const auto most = duration(options_.jitter_ms).count();
        delay += duration(std::uniform_int_distribution<duration::rep>(0, most)(random_));
    }
    auto when = now + delay;
    if (options_.rate > 0) {
        const std::chrono::duration<double> takes(static_cast<double>(content.size) / static_cast<double>(options_.rate));
        free_at_ = std::max(free_at_, now) + std::chrono::duration_cast<duration>(takes);
        when = std::max(when, free_at_ + delay);
    }
    return behind_stall(when);
}

/// The last `stall_ms` of each period are the stall.
steady_time fault_stage::behind_stall(steady_time when) const {
    const duration period = options_.stall_every_ms;
    if (period <= duration::zero()) return when;
    const auto into = when.time_since_epoch() % period;
    return into >= period - options_.stall_ms ? when + (period - into) : when;
}

void fault_stage::pass_due() {
    const auto now = timers_.time().now();
    while (!waiting_.empty() && waiting_.front().when <= now) {
        const auto next = std::move(waiting_.front());
        waiting_.pop_front();
        pass_(next.content);
    }
    if (!waiting_.empty()) due_.start(waiting_.front().when, [this] { pass_due(); });
}

void fault_stage::flush() {
    due_.stop();
    for (const auto& each : waiting_) pass_(each.content);
    waiting_.clear();
}

}  // namespace streamhost
