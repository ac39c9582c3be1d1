#pragma once

#include "websocket.hpp"

#include <streamhost/fan_out.hpp>
#include <streamhost/pace.hpp>

namespace streamhost::web {

/// Hears a viewer of `/ws/media`, who has nothing to say but pings and its farewell.
class media_ear final : public viewer_ear {
public:
    static constexpr double pings_per_second = 5;
    static constexpr double most_pings = 10;  ///< at once

    std::optional<objection> hear(viewer& from, std::span<const std::byte> said) override;
    bool is_waiting_for_more() const override { return frames_.is_waiting_for_more(); }

private:
    frame_reader frames_{0};
    pace pings_{pings_per_second, most_pings};
};

}  // namespace streamhost::web
