#pragma once

#include "rtp/carriage.hpp"
#include "rtp/packetizer.hpp"
#include "sample_pictures.hpp"

#include <cstdint>
#include <vector>

/// Pictures and their packets, for the tests of RTP.
namespace streamhost::video::test {

enum class jpeg_style { yuv420, yuv422, yuv444, optimised, restarts };
byte_vector jpeg_in_style(const video_frame& frame, jpeg_style style, int quality = 80);

/// Packets that a test can lose, double and reorder.
using packet_list = std::vector<byte_vector>;

/// Requires a JPEG that can be carried. The first packet has the number `first`.
packet_list packets_of(const byte_vector& jpeg, std::uint16_t first, std::uint32_t timestamp, const message_header& header = {},
                       std::uint32_t ssrc = 7);

/// One packet by hand: RTP's header without an extension, then `payload`.
byte_vector packet_with(const byte_vector& payload, std::uint16_t number, std::uint32_t timestamp, bool marker,
                        std::uint32_t ssrc = 7);

}  // namespace streamhost::video::test
