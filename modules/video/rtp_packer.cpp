#include "rtp_packer.hpp"

#include <algorithm>

namespace streamhost::video {
namespace {

/// The compressed data is a little less than the whole JPEG.
constexpr jpeg_encode_options usual_encoding{.quality = 80, .max_bytes = rtp::longest_scan};

template <class Integer>
Integer draw(random_engine& random) {
    return static_cast<Integer>(random());
}

/// Scaled down where a side is too long. Blocks for a decode and an encode.
result<encoded_image> make_carriable(const encoded_image& image, jpeg_decoder& decoder, jpeg_encoder& encoder) {
    const auto frame = decoder.decode_within(image.data.span(), rtp::largest_side);
    if (!frame) return frame.error();
    return encoder.encode(*frame, usual_encoding);
}

}  // namespace

rtp_packer::rtp_packer(module_context& host)
    : host_(host),
      ssrc_(draw<std::uint32_t>(host.random())),
      first_sequence_(draw<std::uint16_t>(host.random())),
      times_(draw<std::uint32_t>(host.random())),
      count_again_(host.metric("pictures_encoded_again", "pictures that RTP cannot carry as they are")),
      count_failed_(host.metric("pictures_failed", "pictures that RTP cannot carry, and that were damaged")) {}

awaitable<result<encoded_image>> rtp_packer::encode_again(const encoded_image& image) {
    const auto work = [&] { return make_carriable(image, decoder_, encoder_); };
    auto again = co_await host_.blocking(work);
    if (!again) {
        count_failed_.add();
        host_.log().warn("a JPEG of {} bytes is dropped: RTP cannot carry it, and {}", image.data.size(),
                         again.error().message());
    }
    co_return again;
}

awaitable<packed_picture> rtp_packer::pack(message<encoded_image> picture) {
    auto image = *picture;
    auto carried = rtp::carry(image.data.span());
    if (const auto* const why = std::get_if<rtp::obstacle>(&carried)) {
        const auto obstacle = *why;
        auto again = co_await encode_again(image);
        if (!again) co_return packed_picture{};
        count_again_.add();
        if (said_.insert(obstacle).second) {
            host_.log().info("RTP cannot carry a picture of {}x{} as it is: {}; such pictures are encoded again, this one "
                             "as {}x{}", image.width, image.height, rtp::to_text(obstacle), again->width, again->height);
        }
        image = std::move(*again);
        carried = rtp::carry(image.data.span());
    }
    auto header = picture.header();
    header.hops = std::min(header.hops, 255);
    packed_picture packed;
    packed.bytes = rtp::packetize(std::get<rtp::carried_picture>(carried), header, times_.of(header.steady_ns), ssrc_);
    packed.datagram = rtp::largest_packet;
    co_return packed;
}

void rtp_packer::number(std::span<std::byte> burst, std::uint64_t before) const {
    rtp::number_packets(burst, static_cast<std::uint16_t>(first_sequence_ + before));
}

}  // namespace streamhost::video
