// The scan of a JPEG's markers never reads outside of its input, never says more than the limits allow, and agrees with
// the library's own reading of the header.
#include "jpeg_header.hpp"

#include <streamhost/assert.hpp>

#include <turbojpeg.h>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace streamhost::video;
    const auto info = scan_jpeg(std::as_bytes(std::span(data, size)));
    if (!info) return 0;

    STREAMHOST_ASSERT(info->width > 0 && info->width <= max_picture_side);
    STREAMHOST_ASSERT(info->height > 0 && info->height <= max_picture_side);
    STREAMHOST_ASSERT(std::int64_t{info->width} * info->height <= max_picture_pixels);
    STREAMHOST_ASSERT(info->scans > 0 && info->scans <= max_jpeg_scans);
    STREAMHOST_ASSERT(info->components == 1 || info->components == 3);
    STREAMHOST_ASSERT(info->bytes <= size && data[info->bytes - 2] == 0xFF && data[info->bytes - 1] == 0xD9);

    static const tjhandle library = tjInitDecompress();
    int width = 0;
    int height = 0;
    int sampling = 0;
    int colours = 0;
    if (tjDecompressHeader3(library, data, static_cast<unsigned long>(size), &width, &height, &sampling, &colours) == 0)
        STREAMHOST_ASSERT(width == info->width && height == info->height);
    return 0;
}
