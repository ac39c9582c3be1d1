#include <streamhost/awaitable.hpp>

#include <ctime>

namespace streamhost {
namespace {

std::int64_t monotonic_ns() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

}  // namespace

activity_scope::activity_scope(activity& owner) noexcept
    : owner_(owner), outer_(owner.lane->running.load(std::memory_order_relaxed)), started_ns_(monotonic_ns()) {
    owner.lane->running.store(&owner, std::memory_order_relaxed);
    owner.lane->turns.store(owner.lane->turns.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

activity_scope::~activity_scope() {
    const auto spent = monotonic_ns() - started_ns_;
    owner_.busy_ns.store(owner_.busy_ns.load(std::memory_order_relaxed) + spent, std::memory_order_relaxed);
    if (spent > lane_activity::longest_turn_ns && owner_.lane->overran.load(std::memory_order_acquire) == nullptr) {
        owner_.lane->overran_ns.store(spent, std::memory_order_relaxed);
        owner_.lane->overran.store(&owner_, std::memory_order_release);
    }
    owner_.lane->running.store(outer_, std::memory_order_relaxed);
    // The outer piece of work starts a turn of its own: the watchdog measures what runs without a break.
    owner_.lane->turns.store(owner_.lane->turns.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace streamhost
