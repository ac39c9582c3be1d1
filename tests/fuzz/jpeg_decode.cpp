// Whatever is fed to the decoder, it returns, and what it returns is as large as the header says.
#include "jpeg_decoder.hpp"
#include "jpeg_header.hpp"

#include <streamhost/assert.hpp>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using namespace streamhost::video;
    static jpeg_decoder decoder;
    const auto jpeg = std::as_bytes(std::span(data, size));
    const auto frame = decoder.decode(jpeg);
    if (!frame) return 0;

    const auto info = scan_jpeg(jpeg);
    STREAMHOST_ASSERT(info && frame->width == info->width && frame->height == info->height);
    STREAMHOST_ASSERT(frame->pixels.size() == frame->row_bytes() * static_cast<std::size_t>(frame->height));
    // Every byte is there to be read.
    unsigned sum = 0;
    for (const auto byte : frame->pixels.span()) sum += std::to_integer<unsigned>(byte);
    [[maybe_unused]] volatile unsigned kept = sum;
    return 0;
}
