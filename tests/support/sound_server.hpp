#pragma once

#include "support/child_program.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhost::test {

/// A PulseAudio of the test's own, whose only device is a sink that plays into nothing at the pace of the clock, and a
/// recording of all that the sink plays. Nothing of this machine's sound is touched.
class sound_server {
public:
    /// The sink plays stereo of 16 bits. Throws `std::runtime_error` where PulseAudio does not start.
    sound_server(scratch_folder& folder, int rate);

    /// For programs whose default sound device is to be the sink.
    std::vector<std::pair<std::string, std::string>> environment() const;

    /// Until `condition` holds for what the sink has played so far: samples, from about the start of the server on. It is
    /// asked once for each second of sound. False when it did not hold within `limit`.
    bool wait_recorded(const std::function<bool(std::string_view)>& condition, std::chrono::milliseconds limit) const;

private:
    const scratch_folder& folder_;
    int rate_;
    std::filesystem::path home_;
    std::string address_;
    std::filesystem::path alsa_configuration_;
    std::optional<child_program> server_;
    std::optional<child_program> recorder_;
};

/// How `played`, stereo samples of 16 bits, holds all of `sound`: every sample in order, with nothing but silence in
/// between where the machine was too busy to play on time. Empty where it does; else what is wrong.
std::string compare_sound(std::string_view played, std::string_view sound);

/// For programs that are to find no sound device.
std::vector<std::pair<std::string, std::string>> no_sound_devices(const scratch_folder& folder);

}  // namespace streamhost::test
