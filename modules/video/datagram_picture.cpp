#include "datagram_picture.hpp"

#include "jpeg_header.hpp"

#include <streamhost/wire/base64_jpeg.hpp>

namespace streamhost::video {
namespace {

/// Where the search for what fits begins; what the tutorials send.
constexpr int usual_quality = 80;

}  // namespace

result<encoded_image> picture_in(std::span<const std::byte> datagram) {
    const auto jpeg = base64_jpeg::decode(datagram);
    if (!jpeg) return jpeg.error();
    const auto info = scan_jpeg(jpeg->span());
    if (!info) return info.error();
    return encoded_image{info->width, info->height, image_codec::jpeg, jpeg->slice(0, info->bytes)};
}

bool fits_datagram(const encoded_image& image) noexcept { return image.data.size() <= base64_jpeg::largest_jpeg; }

result<encoded_image> datagram_fitter::fit(const encoded_image& image) {
    if (fits_datagram(image)) return image;
    const auto frame = decoder_.decode(image.data.span());
    if (!frame) return frame.error();
    return encoder_.encode(*frame, {usual_quality, base64_jpeg::largest_jpeg});
}

}  // namespace streamhost::video
