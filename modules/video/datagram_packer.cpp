#include "datagram_packer.hpp"

#include <streamhost/wire/base64_jpeg.hpp>

namespace streamhost::video {

datagram_packer::datagram_packer(module_context& host)
    : host_(host),
      count_shrunk_(host.metric("pictures_shrunk", "pictures that were too large for a datagram and made smaller")),
      count_failed_(host.metric("pictures_failed", "pictures that were too large for a datagram, and damaged")) {}

awaitable<shared_bytes> datagram_packer::pack(encoded_image image) {
    if (!fits_datagram(image)) {
        const auto work = [&] { return fitter_.fit(image); };
        auto smaller = co_await host_.blocking(work);
        if (!smaller) {
            count_failed_.add();
            host_.log().warn("a JPEG of {} bytes is dropped: it is too large for a datagram, and {}", image.data.size(),
                             smaller.error().message());
            co_return shared_bytes();
        }
        count_shrunk_.add();
        host_.log().debug("a picture of {}x{} in {} bytes goes out as {}x{} in {}", image.width, image.height,
                          image.data.size(), smaller->width, smaller->height, smaller->data.size());
        image = std::move(*smaller);
    }
    co_return *base64_jpeg::encode(image.data.span());
}

}  // namespace streamhost::video
