#pragma once

#include "frame_source.hpp"
#include "picture_shape.hpp"
#include "source_target.hpp"

#include <streamhost/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace streamhost::video {

/// A source as the lane sees it: it runs beside the lane, and what it delivers is taken one by one. Its last event is an
/// end or a failure. Confined to the lane; the destructor does not block, even where the source hangs.
class picture_feed {
public:
    virtual ~picture_feed() = default;

    /// Of a live source the newest picture, of others every picture in order.
    virtual std::optional<source_event> take() = 0;

    /// Asks it to end; nothing more is delivered.
    virtual void stop() = 0;
    /// It has ended, and holds the device no longer.
    virtual bool ended() const = 0;

    /// Pictures that a newer one replaced before they were taken, since the last call.
    virtual std::uint64_t take_replaced() = 0;
};

struct source_request {
    source_target target;
    int width = 0;    ///< asked of a camera, 0: its choice
    int height = 0;
    double fps = 0;   ///< asked of a camera, 0: its choice
    bool loop = false;
    picture_shape shape;
    bool frames = true;
    bool images = false;
};

/// Where the module gets its sources from: the machine, or a test. Confined to the lane.
class picture_sources {
public:
    virtual ~picture_sources() = default;

    /// The paths of what may be a camera, in the order in which they are tried.
    virtual std::vector<std::string> cameras() = 0;

    /// Never fails: failures are the feed's first event. `changed` is called on the lane whenever there is something to
    /// take or the feed has ended.
    virtual std::unique_ptr<picture_feed> start(const source_request& request, const executor& lane,
                                                std::function<void()> changed) = 0;
};

}  // namespace streamhost::video
