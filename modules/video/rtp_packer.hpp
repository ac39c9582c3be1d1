#pragma once

#include "jpeg_decoder.hpp"
#include "jpeg_encoder.hpp"
#include "picture_packer.hpp"
#include "rtp/packetizer.hpp"

#include <set>

namespace streamhost::video {

/// Pictures as RTP packets. What RFC 2435 cannot carry is decoded and encoded again, smaller if need be; each reason for
/// that is said once.
class rtp_packer final : public picture_packer {
public:
    explicit rtp_packer(module_context& host);

    awaitable<packed_picture> pack(message<encoded_image> picture) override;
    void number(std::span<std::byte> burst, std::uint64_t before) const override;

private:
    awaitable<result<encoded_image>> encode_again(const encoded_image& image);

    module_context& host_;
    std::uint32_t ssrc_;
    std::uint16_t first_sequence_;
    rtp::timestamp_clock times_;
    jpeg_decoder decoder_;
    jpeg_encoder encoder_;
    std::set<rtp::obstacle> said_;
    counter& count_again_;
    counter& count_failed_;
};

}  // namespace streamhost::video
