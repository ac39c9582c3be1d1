#include "decode.hpp"

namespace streamhost::video {

module_info decode::describe() {
    return streamhost::describe<decode>("video.decode", "JPEG to raw pictures")
        .input<encoded_image>("images", "JPEG pictures; while one is decoded a newer one replaces the waiting one")
        .output<video_frame>("frames", "raw pictures, with the time of the JPEG ones");
}

decode::decode(module_context& host)
    : host_(host),
      images_(host.input<encoded_image>("images")),
      frames_(host.output<video_frame>("frames")),
      count_decoded_(host.metric("pictures_decoded", "pictures that were decoded")),
      count_refused_(host.metric("pictures_refused", "pictures that were damaged, or beyond the limits")),
      decoding_ns_(host.metric("decoding_ns", "time spent decoding, in ns")) {}

awaitable<void> decode::run() {
    for (;;) {
        const auto image = co_await images_.next();
        if (!image) break;
        std::int64_t spent_ns = 0;
        const auto work = [&] {
            const auto started_ns = host_.clock().steady_ns();
            auto decoded = decoder_.decode(image->data.span());
            spent_ns = host_.clock().steady_ns() - started_ns;
            return decoded;
        };
        auto frame = co_await host_.blocking(work);
        decoding_ns_.add(static_cast<std::uint64_t>(spent_ns));
        if (!frame) {
            count_refused_.add();
            host_.log().warn("a JPEG of {} bytes is dropped: {}", image->data.size(), frame.error().message());
            continue;
        }
        count_decoded_.add();
        co_await frames_.send(std::move(*frame), image.header());
    }
}

}  // namespace streamhost::video
