#include <streamhost/timers.hpp>

#include <utility>

namespace streamhost {

std::optional<steady_time> timer_queue::earliest() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.begin()->first;
}

void timer_queue::run_due() {
    const auto now = clock_.now();
    // A callback that starts a timer for a time already past has it run in the next round, so this loop ends.
    auto due = std::distance(entries_.begin(), entries_.upper_bound(now));
    while (due-- > 0 && !entries_.empty() && entries_.begin()->first <= now) {
        timer* const next = entries_.begin()->second;
        auto callback = std::move(next->callback_);
        next->stop();
        callback();
    }
}

void timer::start(steady_time when, std::function<void()> callback) {
    stop();
    const auto before = queue_.earliest();
    callback_ = std::move(callback);
    place_ = queue_.entries_.emplace(when, this);
    if (queue_.on_earlier && (!before || when < *before)) queue_.on_earlier();
}

void timer::stop() {
    if (!place_) return;
    queue_.entries_.erase(*place_);
    place_.reset();
    callback_ = nullptr;
}

}  // namespace streamhost
