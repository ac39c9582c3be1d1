#pragma once

#include "rate_meter.hpp"

#include <cmath>
#include <cstdint>
#include <optional>

namespace streamhost::audio {

/// How much faster the clock of a source is than that of a device, each measured against this machine's. One thread at a
/// time.
class drift_meter {
public:
    /// Their nominal rates, in frames per second.
    drift_meter(int source_rate, int device_rate) : source_rate_(source_rate), device_rate_(device_rate) {}

    /// So many frames have arrived by then.
    void add_arrival(steady_time at, std::int64_t frames) {
        arrived_ += frames;
        source_.add(at, arrived_);
    }
    /// The device has taken so many in all by then.
    void add_device(steady_time at, std::int64_t frames) { device_.add(at, frames); }

    /// The source did not come at its own pace.
    void reset_source() { source_.reset(); }
    /// Another device, or the same after a pause.
    void reset_device() { device_.reset(); }

    struct estimate {
        double drift = 0;  ///< 100e-6: the source is 100 ppm faster
        double error = 0;  ///< standard error of the drift
    };
    /// Nothing while it is too early.
    std::optional<estimate> drift() const {
        const auto source = source_.rate();
        const auto device = device_.rate();
        if (!source || !device || source->rate <= 0 || device->rate <= 0) return std::nullopt;
        return estimate{source->rate / source_rate_ / (device->rate / device_rate_) - 1,
                        std::hypot(source->error / source->rate, device->error / device->rate)};
    }

private:
    double source_rate_;
    double device_rate_;
    std::int64_t arrived_ = 0;
    rate_meter source_;
    rate_meter device_;
};

}  // namespace streamhost::audio
