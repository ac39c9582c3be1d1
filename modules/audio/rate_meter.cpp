#include "rate_meter.hpp"

#include <cmath>

namespace streamhost::audio {
namespace {

/// Counts within so many seconds become one point.
constexpr double point_seconds = 0.25;

constexpr double in_seconds(duration span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

void rate_meter::add(steady_time at, std::int64_t frames) {
    if (points_.empty()) {
        begin_ = at;
        first_frames_ = frames;
    }
    const auto seconds = in_seconds(at - begin_);
    const auto count = static_cast<double>(frames - first_frames_);
    if (points_.empty() || seconds - points_.back().seconds > point_seconds) {
        points_.push_back({seconds, count, 1});
    } else {
        auto& last = points_.back();
        ++last.count;
        last.seconds += (seconds - last.seconds) / last.count;
        last.frames += (count - last.frames) / last.count;
    }
    while (seconds - points_.front().seconds > in_seconds(longest_span)) points_.pop_front();
}

std::optional<rate_meter::estimate> rate_meter::rate() const {
    if (points_.empty() || points_.back().seconds - points_.front().seconds < in_seconds(shortest_span)) return std::nullopt;
    double mean_seconds = 0, mean_frames = 0;
    for (const auto& each : points_) {
        mean_seconds += each.seconds;
        mean_frames += each.frames;
    }
    const auto count = static_cast<double>(points_.size());
    mean_seconds /= count;
    mean_frames /= count;
    double covariance = 0, variance = 0;
    for (const auto& each : points_) {
        covariance += (each.seconds - mean_seconds) * (each.frames - mean_frames);
        variance += (each.seconds - mean_seconds) * (each.seconds - mean_seconds);
    }
    const double slope = covariance / variance;
    double squares = 0;
    for (const auto& each : points_) {
        const double off = each.frames - mean_frames - slope * (each.seconds - mean_seconds);
        squares += off * off;
    }
    return estimate{slope, std::sqrt(squares / (count - 2) / variance)};
}

}  // namespace streamhost::audio
