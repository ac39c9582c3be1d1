#pragma once

#include "turbojpeg_handle.hpp"

#include <streamhost/media.hpp>
#include <streamhost/result.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace streamhost::video {

/// Decoding straight to a fraction of the size is cheaper than decoding and shrinking.
enum class jpeg_scale : std::uint8_t { full = 1, half = 2, quarter = 4, eighth = 8 };

/// JPEG to raw pictures, with libjpeg-turbo. Blocks for the time of a decode: meant for a worker pool. One thread at a
/// time, not always the same one; one object per worker, which keeps its work space from one picture to the next.
class jpeg_decoder {
public:
    jpeg_decoder();

    /// Decodes the picture at the start of `jpeg` to `bgr8` in a buffer of its own; bytes behind its end are ignored.
    /// Sides at a reduced scale are rounded up. `jpeg` is only read during the call.
    ///
    /// Errors: those of `scan_jpeg`, which is asked first, and `malformed` where the compressed data is damaged or
    /// stops before the picture is full: a picture with missing parts is refused, not shown. Surplus bytes inside the
    /// data, which some webcams leave in every picture, are accepted. Nothing that was refused has an effect on later
    /// pictures. Throws `std::bad_alloc` only.
    result<video_frame> decode(std::span<const std::byte> jpeg, jpeg_scale scale = jpeg_scale::full);

    /// As `decode`, at the largest scale in eighths at which no side is longer than `largest_side` pixels.
    /// Requires a `largest_side` of at least an eighth of `max_picture_side`.
    result<video_frame> decode_within(std::span<const std::byte> jpeg, int largest_side);

private:
    result<video_frame> decode_eighths(std::span<const std::byte> jpeg, int width, int height);

    turbojpeg_handle handle_;
};

}  // namespace streamhost::video
