#include "jpeg_decoder.hpp"

#include "frame_buffer.hpp"
#include "jpeg_header.hpp"

#include <streamhost/assert.hpp>

#include <algorithm>
#include <new>
#include <string_view>
#include <turbojpeg.h>

namespace streamhost::video {
namespace {

enum class outcome { complete, surplus_bytes, damaged };

outcome decompress(void* handle, std::span<const std::byte> jpeg, frame_buffer& target, int flags) {
    const int status = tjDecompress2(handle, reinterpret_cast<const unsigned char*>(jpeg.data()),
                                     static_cast<unsigned long>(jpeg.size()),
                                     reinterpret_cast<unsigned char*>(target.data()), target.width(),
                                     static_cast<int>(target.row_bytes()), target.height(), TJPF_BGR, flags);
    if (status == 0) return outcome::complete;
    // The library tells its warnings apart by their text only. If that ever changes, such a picture is refused.
    const bool surplus = tjGetErrorCode(handle) == TJERR_WARNING &&
                         std::string_view(tjGetErrorStr2(handle)).find("extraneous bytes") != std::string_view::npos;
    return surplus ? outcome::surplus_bytes : outcome::damaged;
}

int scaled(int side, int eighths) { return (side * eighths + 7) / 8; }

}  // namespace

jpeg_decoder::jpeg_decoder() : handle_(tjInitDecompress()) {
    if (!handle_) throw std::bad_alloc();
}

result<video_frame> jpeg_decoder::decode(std::span<const std::byte> jpeg, jpeg_scale scale) {
    const auto info = scan_jpeg(jpeg);
    if (!info) return info.error();
    const int eighths = 8 / static_cast<int>(scale);
    return decode_eighths(jpeg.first(info->bytes), scaled(info->width, eighths), scaled(info->height, eighths));
}

result<video_frame> jpeg_decoder::decode_within(std::span<const std::byte> jpeg, int largest_side) {
    const auto info = scan_jpeg(jpeg);
    if (!info) return info.error();
    int eighths = 8;
    while (std::max(scaled(info->width, eighths), scaled(info->height, eighths)) > largest_side) --eighths;
    STREAMHOST_ASSERT(eighths > 0);
    return decode_eighths(jpeg.first(info->bytes), scaled(info->width, eighths), scaled(info->height, eighths));
}

/// The sides are of the whole picture at one of the scales that the library has.
result<video_frame> jpeg_decoder::decode_eighths(std::span<const std::byte> jpeg, int width, int height) {
    frame_buffer target(width, height, pixel_format::bgr8);

    // The first warning ends a hostile picture early. Where it is the harmless one, the picture is decoded once more to
    // its end; the library then shows its last warning.
    auto how = decompress(handle_.get(), jpeg, target, TJFLAG_STOPONWARNING);
    if (how == outcome::surplus_bytes) {
        how = decompress(handle_.get(), jpeg, target, 0);
        if (how == outcome::surplus_bytes) how = outcome::complete;
    }
    if (how != outcome::complete) return errc::malformed;
    return std::move(target).finish();
}

}  // namespace streamhost::video
