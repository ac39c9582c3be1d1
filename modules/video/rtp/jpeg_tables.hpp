#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

/// The tables that RFC 2435 takes as known to both sides.
namespace streamhost::video::rtp {

/// A quantisation table in zig-zag order, as JPEG and RFC 2435 write it.
using quantisation_table = std::array<std::byte, 64>;

struct quantisation_tables {
    quantisation_table luma{};
    quantisation_table chroma{};
};

/// The tables of a quality (`Q` in RFC 2435, section 4.2), which requires 1 to 99.
quantisation_tables tables_of_quality(int quality) noexcept;

/// The typical Huffman tables of ITU-T T.81, K.3 to K.6, as a DHT segment has them behind class and number: how many codes
/// there are of each length from 1 to 16 bits, then their values.
struct huffman_tables {
    std::span<const std::byte> dc;
    std::span<const std::byte> ac;
};
huffman_tables standard_luma_huffman() noexcept;
huffman_tables standard_chroma_huffman() noexcept;

}  // namespace streamhost::video::rtp
