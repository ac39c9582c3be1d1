#pragma once

#include <streamhost/result.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace streamhost::video {

/// What this program takes of a picture, wherever it comes from. 4096 x 2160 fits.
inline constexpr int max_picture_side = 4096;               ///< pixels
inline constexpr std::int64_t max_picture_pixels = 8'900'000;
inline constexpr int max_jpeg_scans = 100;

/// How much coarser the colour is than the brightness, in the usual names.
enum class jpeg_sampling : std::uint8_t { gray, yuv444, yuv440, yuv422, yuv420, yuv411, other };

/// What the markers of a JPEG say.
struct jpeg_info {
    int width = 0;       ///< pixels
    int height = 0;      ///< pixels
    int components = 0;  ///< 1 (gray) or 3
    jpeg_sampling sampling = jpeg_sampling::other;
    bool progressive = false;
    int scans = 0;
    std::size_t scan_at = 0;     ///< where the compressed data of the last scan begins
    std::size_t scan_bytes = 0;  ///< how much of it there is, restart markers included
    std::size_t bytes = 0;       ///< from the start marker to the end marker; what follows them belongs to something else
};

/// Walks over the markers of the JPEG at the start of `bytes` and decodes nothing, so that what a picture will cost is
/// known before it costs anything: a file of 2 KB may claim 65500 x 16000 pixels. Time linear in the bytes looked at,
/// no allocation; a picture that is too large is refused where it says so, whatever follows. Pure: any thread.
///
/// Errors: `too_large` (side, area or scans beyond the limits above), `truncated` (no end marker), `unsupported` (not
/// 8-bit Huffman baseline, extended or progressive; neither 1 nor 3 components; no height), `malformed`.
/// Whether the compressed data is complete only shows when it is decoded. A missing Huffman table is no error: motion
/// JPEG from cameras leaves out the standard ones. Source: ITU-T T.81, annex B.
result<jpeg_info> scan_jpeg(std::span<const std::byte> bytes) noexcept;

}  // namespace streamhost::video
