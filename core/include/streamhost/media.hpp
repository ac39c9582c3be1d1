#pragma once

#include <streamhost/bytes.hpp>

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>

/// The payload types that every module may rely on. All are immutable once sent.
namespace streamhost {

enum class pixel_format : std::uint8_t {
    bgr8 = 1,   ///< 3 bytes a pixel: blue, green, red (OpenCV's and the tutorials' order)
    gray8 = 2,  ///< 1 byte a pixel
};

constexpr int bytes_per_pixel(pixel_format format) noexcept { return format == pixel_format::gray8 ? 1 : 3; }

/// A raw picture: rows from top to bottom without padding, `height * width * bytes_per_pixel(format)` bytes.
struct video_frame {
    int width = 0;   ///< pixels
    int height = 0;  ///< pixels
    pixel_format format = pixel_format::bgr8;
    shared_bytes pixels;

    std::size_t row_bytes() const noexcept { return static_cast<std::size_t>(width) * bytes_per_pixel(format); }
};

enum class image_codec : std::uint8_t { jpeg = 1 };

/// A compressed picture. `width` and `height` are what the header of the picture itself says, in pixels.
struct encoded_image {
    int width = 0;
    int height = 0;
    image_codec codec = image_codec::jpeg;
    shared_bytes data;
};

enum class sample_format : std::uint8_t {
    s16 = 1,  ///< signed 16 bit, little endian
    f32 = 2,  ///< IEEE float, little endian, nominal range -1 to 1
};

constexpr int bytes_per_sample(sample_format format) noexcept { return format == sample_format::f32 ? 4 : 2; }

/// Interleaved sound: whole frames, `frame_bytes()` bytes each.
struct audio_block {
    int rate = 0;      ///< frames per second
    int channels = 0;  ///< samples per frame
    sample_format format = sample_format::s16;
    shared_bytes samples;

    std::size_t frame_bytes() const noexcept { return static_cast<std::size_t>(channels * bytes_per_sample(format)); }
    std::size_t frames() const noexcept { return samples.size() / frame_bytes(); }
};

/// A line of text without its line end, valid UTF-8.
struct text {
    std::string line;
    std::string sender{};     ///< who said it: of a peer its address, empty where that is not known
    std::string recipient{};  ///< whom it is for, as in `sender`; empty: everybody
};

/// A reading or a command: any JSON value.
struct record {
    boost::json::value value;
};

/// Bytes of no further meaning to the host.
struct bytes {
    shared_bytes data;
};

}  // namespace streamhost
