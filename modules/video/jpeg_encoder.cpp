#include "jpeg_encoder.hpp"

#include "jpeg_header.hpp"
#include "picture_transform.hpp"

#include <streamhost/assert.hpp>

#include <algorithm>
#include <new>
#include <span>
#include <turbojpeg.h>
#include <vector>

namespace streamhost::video {
namespace {

// Below this a picture of half the size looks better and is smaller.
constexpr int lowest_useful_quality = 5;
// A picture smaller than this shows nothing.
constexpr int smallest_side = 16;

shared_bytes copy_of(std::span<const std::byte> bytes) {
    return shared_bytes::adopt(std::vector<std::byte>(bytes.begin(), bytes.end()));
}

}  // namespace

jpeg_encoder::jpeg_encoder() : handle_(tjInitCompress()) {
    if (!handle_) throw std::bad_alloc();
}

result<encoded_image> jpeg_encoder::encode(const video_frame& frame, const jpeg_encode_options& options) {
    STREAMHOST_ASSERT(frame.width > 0 && frame.height > 0 &&
                      frame.pixels.size() == frame.row_bytes() * static_cast<std::size_t>(frame.height));
    STREAMHOST_ASSERT(options.quality >= 1 && options.quality <= 100);
    if (frame.width > max_picture_side || frame.height > max_picture_side ||
        std::int64_t{frame.width} * frame.height > max_picture_pixels)
        return errc::too_large;

    video_frame picture = frame;
    for (int halvings = 0;; ++halvings) {
        auto data = encode_within(picture, options, last_quality_[static_cast<std::size_t>(halvings)]);
        if (!data.empty()) return encoded_image{picture.width, picture.height, image_codec::jpeg, std::move(data)};
        if (halvings == max_halvings || std::min(picture.width, picture.height) / 2 < smallest_side)
            return errc::too_large;
        picture = half_size(picture);
    }
}

// Looks for the highest quality that fits, by halving the range; with a `last_quality` to start from, in growing steps
// away from it until there is a bound on both sides.
shared_bytes jpeg_encoder::encode_within(const video_frame& frame, const jpeg_encode_options& options,
                                         int& last_quality) {
    if (options.max_bytes == 0) return copy_of(compress(frame, options.quality));

    const int lowest = std::min(lowest_useful_quality, options.quality);
    int fits = lowest - 1;
    int too_large = options.quality + 1;
    int tried = last_quality == 0 ? options.quality : std::clamp(last_quality, lowest, options.quality);
    int step = last_quality == 0 ? 0 : 1;
    shared_bytes best;
    for (;;) {
        const auto compressed = compress(frame, tried);
        const bool success = compressed.size() <= options.max_bytes;
        if (success) best = copy_of(compressed);
        (success ? fits : too_large) = tried;
        if (too_large - fits <= 1) break;

        const bool bounded = fits >= lowest && too_large <= options.quality;
        tried = step == 0 || bounded ? (fits + too_large) / 2
                                     : std::clamp(success ? tried + step : tried - step, fits + 1, too_large - 1);
        step *= 2;
    }
    last_quality = std::max(fits, lowest);
    return best;
}

// The result lies in `output_` until the next call.
std::span<const std::byte> jpeg_encoder::compress(const video_frame& frame, int quality) {
    const bool gray = frame.format == pixel_format::gray8;
    const int sampling = gray ? TJSAMP_GRAY : TJSAMP_420;
    const std::size_t largest = tjBufSize(frame.width, frame.height, sampling);
    if (output_size_ < largest) {
        output_ = std::make_unique_for_overwrite<std::byte[]>(largest);
        output_size_ = largest;
    }
    auto* output = reinterpret_cast<unsigned char*>(output_.get());
    unsigned long size = 0;
    // The accurate transform is not slower than the fast one with SIMD, and its pictures are better and smaller.
    const int status = tjCompress2(handle_.get(), reinterpret_cast<const unsigned char*>(frame.pixels.data()),
                                   frame.width, static_cast<int>(frame.row_bytes()), frame.height,
                                   gray ? TJPF_GRAY : TJPF_BGR, &output, &size, sampling, quality,
                                   TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT);
    // With sides and format checked, all that is left to go wrong is the library's own memory.
    if (status != 0) throw std::bad_alloc();
    return {output_.get(), size};
}

}  // namespace streamhost::video
