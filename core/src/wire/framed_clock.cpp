#include <streamhost/wire/framed_clock.hpp>

#include <algorithm>
#include <limits>
#include <span>

namespace streamhost::framed {
namespace {

/// `a - b`, or nothing where it does not fit: the stamps are foreign.
std::optional<std::int64_t> difference(std::int64_t a, std::int64_t b) noexcept {
    std::int64_t out = 0;
    if (__builtin_sub_overflow(a, b, &out)) return std::nullopt;
    return out;
}

std::int64_t half(std::int64_t a) noexcept { return a / 2; }

}  // namespace

std::optional<clock_offset> measure_offset(const pong& answer, std::int64_t received_ns) noexcept {
    const auto there = difference(answer.ping_received_ns, answer.ping_sent_ns);
    const auto back = difference(answer.sent_ns, received_ns);
    const auto total = difference(received_ns, answer.ping_sent_ns);
    const auto held = difference(answer.sent_ns, answer.ping_received_ns);
    if (!there || !back || !total || !held || *held < 0 || *total < *held) return std::nullopt;
    const auto round_trip = *total - *held;
    return clock_offset{half(*there) + half(*back), half(round_trip) + 1};
}

void clock_estimate::add(const pong& answer, std::int64_t received_ns) noexcept {
    const auto measured = measure_offset(answer, received_ns);
    if (!measured) return;
    samples_[added_ % samples_.size()] = {*measured, received_ns};
    ++added_;
}

std::optional<clock_offset> clock_estimate::at(std::int64_t now_ns) const noexcept {
    if (added_ == 0) return std::nullopt;
    const auto known = std::span(samples_).first(std::min(added_, samples_.size()));
    const auto best = std::ranges::min_element(known, {}, [](const sample& s) { return s.measured.uncertainty_ns; });
    constexpr std::int64_t one_in = 1'000'000 / 15;  // 15 parts per million
    const auto age = std::max<std::int64_t>(difference(now_ns, best->received_ns).value_or(0), 0);
    auto estimate = best->measured;
    if (__builtin_add_overflow(estimate.uncertainty_ns, age / one_in, &estimate.uncertainty_ns))
        estimate.uncertainty_ns = std::numeric_limits<std::int64_t>::max();
    return estimate;
}

}  // namespace streamhost::framed
