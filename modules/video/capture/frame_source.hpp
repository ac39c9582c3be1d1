#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/media.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace streamhost::video {

/// What an opened source is like.
struct source_info {
    std::string name;          ///< for people: "/dev/video0 (USB Camera)"
    bool live = true;          ///< sets its own pace, and what is not taken at once is late; otherwise it waits for us
    double rate = 0;           ///< pictures a second, 0 where that is not known
    bool gives_images = false; ///< delivers JPEG of its own
};

struct source_picture {
    std::shared_ptr<const source_info> from;
    std::optional<video_frame> frame;    ///< where frames are wanted
    std::optional<encoded_image> image;  ///< where images are wanted and the source has them
    steady_time taken;                   ///< when it came out of the device
    std::uint32_t damaged = 0;           ///< pictures that were broken and left out since the one before
};

/// The source is at its end: a file.
struct source_end {};

struct source_failure {
    std::string reason;  ///< short: "no such device"
    std::string remedy;  ///< what to do about it, where somebody can do something
};

using source_event = std::variant<source_picture, source_end, source_failure>;

/// Something that delivers pictures by calls that block, possibly for ever. One thread at a time, not always the one
/// that made it. Any call may throw (a library's exceptions): that is a failure too.
class frame_source {
public:
    virtual ~frame_source() = default;

    /// Opens, or starts again from the beginning. Nothing where it went well.
    virtual std::optional<source_failure> open() = 0;

    /// Requires that the last `open()` went well, and that nothing but pictures was read since.
    virtual source_event read() = 0;
    virtual const source_info& info() const = 0;
};

}  // namespace streamhost::video
