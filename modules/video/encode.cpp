#include "encode.hpp"

namespace streamhost::video {

module_info encode::describe() {
    return streamhost::describe<encode, encode_settings>("video.encode", "Raw pictures to JPEG")
        .setting("quality", &encode_settings::quality, "of the JPEG; 80 is hard to tell from the original").range(1, 100).live()
        .setting("max_bytes", &encode_settings::max_bytes,
                 "lower the quality, then the size, of a picture until it fits; 0: any size")
            .at_least(0).unit("bytes").live()
        .input<video_frame>("frames", "raw pictures; while one is encoded a newer one replaces the waiting one")
        .output<encoded_image>("images", "JPEG pictures, with the time of the raw ones");
}

jpeg_encode_options encode::options_of(const encode_settings& chosen) {
    return {chosen.quality, static_cast<std::size_t>(chosen.max_bytes)};
}

encode::encode(module_context& host, encode_settings chosen)
    : host_(host),
      options_(options_of(chosen)),
      frames_(host.input<video_frame>("frames")),
      images_(host.output<encoded_image>("images")),
      count_encoded_(host.metric("pictures_encoded", "pictures that became JPEG")),
      count_failed_(host.metric("pictures_failed", "pictures that could not be encoded")),
      encoding_ns_(host.metric("encoding_ns", "time spent encoding, in ns")) {}

void encode::reconfigure(const encode_settings& chosen) { options_ = options_of(chosen); }

awaitable<void> encode::run() {
    for (;;) {
        const auto frame = co_await frames_.next();
        if (!frame) break;
        std::int64_t spent_ns = 0;
        // Those of this picture: others may come while a worker is at it.
        const auto work = [&, options = options_] {
            const auto started_ns = host_.clock().steady_ns();
            auto encoded = encoder_.encode(*frame, options);
            spent_ns = host_.clock().steady_ns() - started_ns;
            return encoded;
        };
        auto image = co_await host_.blocking(work);
        encoding_ns_.add(static_cast<std::uint64_t>(spent_ns));
        if (!image) {
            count_failed_.add();
            host_.log().warn("a picture of {}x{} is dropped: {}", frame->width, frame->height, image.error().message());
            continue;
        }
        count_encoded_.add();
        co_await images_.send(std::move(*image), frame.header());
    }
}

}  // namespace streamhost::video
