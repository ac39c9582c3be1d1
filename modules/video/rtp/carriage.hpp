#pragma once

#include "rtp/jpeg_tables.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

namespace streamhost::video::rtp {

/// The widest and highest picture that the payload's header has a number for, in pixels.
inline constexpr int largest_side = 255 * 8;

/// The longest picture that is sent or received, in bytes of compressed data.
inline constexpr std::size_t longest_scan = 2 * 1024 * 1024;

/// How much coarser the colour is: the two kinds that RFC 2435 has a type for, with their types.
enum class carried_sampling : std::uint8_t { yuv422 = 0, yuv420 = 1 };

/// A JPEG as RFC 2435 carries it: without what both sides know.
struct carried_picture {
    int width = 0;   ///< pixels
    int height = 0;  ///< pixels
    carried_sampling sampling = carried_sampling::yuv420;
    std::uint16_t restart_interval = 0;  ///< in units of the scan (MCU); 0: no restart markers
    quantisation_tables tables;
    std::span<const std::byte> scan;     ///< the compressed data; lies in the JPEG
};

/// Why a JPEG cannot be carried as it is.
enum class obstacle : std::uint8_t {
    damaged,       ///< its markers are broken: `scan_jpeg` says how
    progressive,
    scans,         ///< the components are not in one scan
    gray,
    sampling,      ///< neither 4:2:0 nor 4:2:2
    colours,       ///< not luma and chroma
    huffman,       ///< other Huffman tables than the standard's
    quantisation,  ///< tables of 16 bits, or more than one for the chroma
    too_large,     ///< a side above `largest_side`
    too_long,      ///< above `longest_scan`
};
/// As in "it is progressive".
std::string_view to_text(obstacle why) noexcept;

/// What RFC 2435 carries of the JPEG at the start of `jpeg`. Walks over the markers and copies the quantisation tables;
/// no allocation. Any thread.
std::variant<carried_picture, obstacle> carry(std::span<const std::byte> jpeg) noexcept;

}  // namespace streamhost::video::rtp
