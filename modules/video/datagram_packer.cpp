#include "datagram_packer.hpp"

#include <streamhost/wire/base64_jpeg.hpp>

namespace streamhost::video {

datagram_packer::datagram_packer(module_context& host)
    : host_(host),
      count_shrunk_(host.metric("pictures_shrunk", "pictures that were too large for a datagram and made smaller")),
      count_failed_(host.metric("pictures_failed", "pictures that were too large for a datagram, and damaged")) {}

awaitable<packed_picture> datagram_packer::pack(message<encoded_image> picture) {
    auto image = *picture;
    if (!fits_datagram(image)) {
        const auto work = [&] { return fitter_.fit(image); };
        auto smaller = co_await host_.blocking(work);
        if (!smaller) {
            count_failed_.add();
            host_.log().warn("a JPEG of {} bytes is dropped: it is too large for a datagram, and {}", image.data.size(),
                             smaller.error().message());
            co_return packed_picture{};
        }
        count_shrunk_.add();
        host_.log().debug("a picture of {}x{} in {} bytes goes out as {}x{} in {}", image.width, image.height,
                          image.data.size(), smaller->width, smaller->height, smaller->data.size());
        image = std::move(*smaller);
    }
    const auto text = *base64_jpeg::encode(image.data.span());
    packed_picture packed;
    packed.bytes.assign(text.span().begin(), text.span().end());
    packed.datagram = packed.bytes.size();
    co_return packed;
}

}  // namespace streamhost::video
