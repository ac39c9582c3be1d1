#pragma once

#include "turbojpeg_handle.hpp"

#include <streamhost/media.hpp>
#include <streamhost/result.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace streamhost::video {

struct jpeg_encode_options {
    int quality = 80;           ///< 1 to 100
    std::size_t max_bytes = 0;  ///< the picture may not be larger; 0: any size
};

/// Raw pictures to JPEG (baseline, 4:2:0 or gray), with libjpeg-turbo. Blocks for the time of an encode:
/// meant for a worker pool. One thread at a time, not always the same one; one object per stream, as it keeps its work
/// space and what it learnt about the sizes from one picture to the next.
class jpeg_encoder {
public:
    jpeg_encoder();

    /// Where the picture does not fit into `max_bytes`, the quality is lowered to the best one that fits; where even
    /// the lowest useful quality does not fit, the picture is halved and searched again, so the result may be smaller
    /// than the frame. In a steady stream that costs two encodes a picture, after a change up to a dozen.
    ///
    /// Requires a frame whose pixels match its sides. Errors: `too_large` for a frame beyond the limits of
    /// `jpeg_header.hpp`, and where `max_bytes` holds no picture at all. Throws `std::bad_alloc` only.
    result<encoded_image> encode(const video_frame& frame, const jpeg_encode_options& options);

private:
    static constexpr int max_halvings = 8;  // 4096 to 16 pixels

    /// Empty where nothing fits.
    shared_bytes encode_within(const video_frame& frame, const jpeg_encode_options& options, int& last_quality);
    std::span<const std::byte> compress(const video_frame& frame, int quality);

    turbojpeg_handle handle_;
    std::unique_ptr<std::byte[]> output_;
    std::size_t output_size_ = 0;
    /// The quality that fitted the previous picture, for each number of halvings; 0: not known.
    std::array<int, max_halvings + 1> last_quality_{};
};

}  // namespace streamhost::video
