#include "sample_pictures.hpp"

#include "frame_buffer.hpp"
#include "jpeg_header.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <turbojpeg.h>

namespace streamhost::video::test {

namespace {

template <class Value>
video_frame picture_of(int width, int height, pixel_format format, Value value) {
    frame_buffer picture(width, height, format);
    const int channels = bytes_per_pixel(format);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < channels; ++c)
                picture.row(y)[static_cast<std::size_t>(x * channels + c)] = static_cast<std::byte>(value(x, y, c));
    return std::move(picture).finish();
}

}  // namespace

video_frame gradient(int width, int height, pixel_format format) {
    return picture_of(width, height, format, [=](int x, int y, int channel) {
        const int across = 255 * x / width;
        const int down = 255 * y / height;
        return channel == 0 ? across : channel == 1 ? down : (across + down) / 2;
    });
}

video_frame noise(int width, int height, std::uint32_t seed) {
    std::mt19937 random(seed);
    return picture_of(width, height, pixel_format::bgr8, [&](int, int, int) { return random() & 255; });
}

video_frame numbered(int width, int height, pixel_format format) {
    return picture_of(width, height, format, [=](int x, int y, int c) { return (x + y * width) * 3 + c; });
}

byte_vector jpeg_of(const video_frame& frame, int quality, jpeg_kind kind) {
    const bool gray = frame.format == pixel_format::gray8;
    auto* handle = tjInitCompress();
    unsigned char* output = nullptr;
    unsigned long size = 0;
    const int status = tjCompress2(handle, reinterpret_cast<const unsigned char*>(frame.pixels.data()), frame.width, 0,
                                   frame.height, gray ? TJPF_GRAY : TJPF_BGR, &output, &size,
                                   gray ? TJSAMP_GRAY : TJSAMP_420, quality,
                                   kind == jpeg_kind::progressive ? TJFLAG_PROGRESSIVE : 0);
    EXPECT_EQ(status, 0);
    const auto* bytes = reinterpret_cast<const std::byte*>(output);
    byte_vector jpeg(bytes, bytes + size);
    tjFree(output);
    tjDestroy(handle);
    return jpeg;
}

std::size_t find_marker(std::span<const std::byte> jpeg, std::uint8_t code) {
    const std::array wanted{std::byte{0xFF}, std::byte{code}};
    const auto found = std::search(jpeg.begin(), jpeg.end(), wanted.begin(), wanted.end());
    EXPECT_NE(found, jpeg.end());
    return static_cast<std::size_t>(found - jpeg.begin());
}

byte_vector claiming_size(byte_vector jpeg, int width, int height) {
    const auto frame_header = find_marker(jpeg, 0xC0);
    jpeg[frame_header + 5] = static_cast<std::byte>(height >> 8);
    jpeg[frame_header + 6] = static_cast<std::byte>(height);
    jpeg[frame_header + 7] = static_cast<std::byte>(width >> 8);
    jpeg[frame_header + 8] = static_cast<std::byte>(width);
    return jpeg;
}

byte_vector with_scans(int scans) {
    auto jpeg = jpeg_of(gradient(32, 24), 80, jpeg_kind::progressive);
    const int present = scan_jpeg(jpeg).value().scans;
    auto last = jpeg.size();
    do --last;
    while (jpeg[last] != std::byte{0xFF} || jpeg[last + 1] != std::byte{0xDA});
    const byte_vector scan(jpeg.begin() + static_cast<std::ptrdiff_t>(last), jpeg.end() - 2);
    for (int i = present; i < scans; ++i) jpeg.insert(jpeg.end() - 2, scan.begin(), scan.end());
    return jpeg;
}

double psnr(const video_frame& a, const video_frame& b) {
    EXPECT_EQ(a.pixels.size(), b.pixels.size());
    double sum = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i) {
        const double difference = std::to_integer<int>(a.pixels.data()[i]) - std::to_integer<int>(b.pixels.data()[i]);
        sum += difference * difference;
    }
    return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.pixels.size()) / std::max(sum, 1.0));
}

bool same_pixels(const video_frame& a, const video_frame& b) {
    return a.width == b.width && a.height == b.height && a.format == b.format &&
           std::ranges::equal(a.pixels.span(), b.pixels.span());
}

}  // namespace streamhost::video::test
