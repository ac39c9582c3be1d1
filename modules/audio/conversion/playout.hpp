#pragma once

#include "drift_meter.hpp"
#include "jitter_buffer.hpp"
#include "sound_converter.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace streamhost::audio {

/// What lies between a source with its clock and a device with another: brings the sound into the device's format, plays
/// it a little faster or slower where the clocks differ, and keeps the delay near the buffer's target. A plain object
/// without a clock of its own; confined to the lane that feeds it, while the buffer's other end is the device's.
///
/// Inside the dead band nothing is corrected, so that sound in the device's own format passes bit by bit. What adds up
/// there meanwhile is taken out by leaving out a bit of sound, or ends in an underrun, once in many minutes.
class playout {
public:
    /// Clocks that differ by less are taken for equal. Crystals are specified to some 20 to 50 ppm.
    static constexpr double dead_band = 50e-6;

    playout(const sound_format& from, std::shared_ptr<jitter_buffer> to);

    const sound_format& from() const noexcept { return converter_.from(); }

    /// To be called once for each block before its parts are fed: so many frames arrived at that moment.
    void note_arrival(steady_time at, std::size_t frames);

    /// Takes as many frames as there is room for. Returns how many.
    std::size_t feed(std::span<const std::byte> samples);

    /// There was no room, and the source is held back: its pace is not its own then.
    void note_held_back();

    /// The end of this sound, behind which another one follows: what was held back by the conversion. False where there is
    /// no room yet.
    bool flush();
    /// The same, and nothing follows.
    bool finish();

    /// How much faster than at its nominal rate the sound is played.
    double speed() const noexcept { return speed_; }
    /// As measured, whether it is corrected or not; nothing while it is too early.
    std::optional<drift_meter::estimate> drift() const { return drift_.drift(); }
    bool resamples() const noexcept { return converter_.resamples(); }
    /// Frames of the source that were left out because too much was held.
    std::uint64_t skipped() const noexcept { return skipped_; }

private:
    void take_positions();
    void steer(steady_time now);
    void look_for_surplus(steady_time now);
    std::size_t room_for(std::size_t frames) const;

    std::shared_ptr<jitter_buffer> buffer_;
    sound_converter converter_;
    drift_meter drift_;
    double ratio_;           ///< frames of the device for each one of the source
    std::size_t piece_ = 1;  ///< frames of the source that are converted at once
    double speed_ = 1;
    double mean_held_ = 0;  ///< frames of the device, over some seconds
    std::uint64_t underruns_seen_ = 0;
    steady_time steer_due_{};
    steady_time surplus_since_{};
    std::size_t least_held_ = 0;  ///< since then
    std::size_t to_skip_ = 0;     ///< frames of the source
    std::uint64_t skipped_ = 0;
};

}  // namespace streamhost::audio
