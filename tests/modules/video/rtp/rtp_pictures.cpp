#include "rtp/rtp_pictures.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <turbojpeg.h>

namespace streamhost::video::test {

byte_vector jpeg_in_style(const video_frame& frame, jpeg_style style, int quality) {
    // The library's own means for what its interface has no word for.
    if (style == jpeg_style::restarts) ::setenv("TJ_RESTART", "1", 1);
    if (style == jpeg_style::optimised) ::setenv("TJ_OPTIMIZE", "1", 1);
    const int sampling = style == jpeg_style::yuv422   ? TJSAMP_422
                         : style == jpeg_style::yuv444 ? TJSAMP_444
                                                       : TJSAMP_420;
    auto* handle = tjInitCompress();
    unsigned char* output = nullptr;
    unsigned long size = 0;
    EXPECT_EQ(tjCompress2(handle, reinterpret_cast<const unsigned char*>(frame.pixels.data()), frame.width, 0, frame.height,
                          TJPF_BGR, &output, &size, sampling, quality, 0), 0);
    const auto* bytes = reinterpret_cast<const std::byte*>(output);
    byte_vector jpeg(bytes, bytes + size);
    tjFree(output);
    tjDestroy(handle);
    ::unsetenv("TJ_RESTART");
    ::unsetenv("TJ_OPTIMIZE");
    return jpeg;
}

packet_list packets_of(const byte_vector& jpeg, std::uint16_t first, std::uint32_t timestamp, const message_header& header,
                       std::uint32_t ssrc) {
    const auto carried = rtp::carry(jpeg);
    auto bytes = rtp::packetize(std::get<rtp::carried_picture>(carried), header, timestamp, ssrc);
    rtp::number_packets(bytes, first);
    packet_list packets;
    for (std::size_t at = 0; at < bytes.size(); at += rtp::largest_packet) {
        const auto size = std::min(rtp::largest_packet, bytes.size() - at);
        const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        packets.emplace_back(from, from + static_cast<std::ptrdiff_t>(size));
    }
    return packets;
}

byte_vector packet_with(const byte_vector& payload, std::uint16_t number, std::uint32_t timestamp, bool marker,
                        std::uint32_t ssrc) {
    byte_vector packet(rtp::packet_header_bytes);
    rtp::write_packet_header(packet.data(), {marker, rtp::jpeg_payload_type, number, timestamp, ssrc}, false);
    packet.insert(packet.end(), payload.begin(), payload.end());
    return packet;
}

}  // namespace streamhost::video::test
