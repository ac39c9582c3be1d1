#include <streamhost/wire/pickle.hpp>

#include <vector>

namespace streamhost::pickle {
namespace {

/// Rows from top to bottom out of an array whose first index, the row, runs fastest.
shared_bytes transpose(const array& source) {
    const auto [height, width, channels] = source.shape;
    std::vector<std::byte> pixels(source.elements.size());
    const auto* from = source.elements.data();
    for (int channel = 0; channel < channels; ++channel) {
        for (int column = 0; column < width; ++column) {
            auto to = static_cast<std::size_t>(column) * channels + channel;
            for (int row = 0; row < height; ++row, to += static_cast<std::size_t>(width) * channels)
                pixels[to] = *from++;
        }
    }
    return shared_bytes::adopt(std::move(pixels));
}

}  // namespace

result<video_frame> to_video_frame(const array& source) {
    const auto channels = source.shape[2];
    if (channels != 1 && channels != 3) return errc::unsupported;
    video_frame frame;
    frame.height = source.shape[0];
    frame.width = source.shape[1];
    frame.format = channels == 1 ? pixel_format::gray8 : pixel_format::bgr8;
    frame.pixels = source.fortran_order ? transpose(source) : source.elements;
    return frame;
}

}  // namespace streamhost::pickle
