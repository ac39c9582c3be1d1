#pragma once

#include "test_pattern.hpp"

#include <streamhost/module.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace streamhost::video {

struct pattern_source_settings {
    int width = 640;
    int height = 480;
    double fps = 30;
    std::int64_t count = 0;
};

/// `video.test_pattern`: pictures that need no camera. Drawing takes a fraction of a millisecond, so it stays on the lane.
/// Where a link holds it back, the beats that it misses are skipped: it never makes up for lost time.
class pattern_source final : public module {
public:
    static module_info describe();
    /// Refuses pictures that no other module of the family would take.
    static void check(const pattern_source_settings& chosen);

    pattern_source(module_context& host, pattern_source_settings chosen);

    /// Takes another rate.
    void reconfigure(const pattern_source_settings& chosen);
    awaitable<void> run() override;

private:
    duration period() const;

    module_context& host_;
    pattern_source_settings chosen_;
    test_pattern pattern_;
    std::optional<ticker> beat_;  // while it runs
    output<video_frame> frames_;
    counter& count_missed_;
};

}  // namespace streamhost::video
