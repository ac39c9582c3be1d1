#pragma once

#include "jpeg_encoder.hpp"

#include <streamhost/module.hpp>

#include <cstdint>

namespace streamhost::video {

struct encode_settings {
    int quality = 80;
    std::int64_t max_bytes = 0;
};

/// `video.encode`: raw pictures to JPEG, one at a time on a worker thread and in order. While one is at work its input's
/// queue, which by default holds the latest, keeps the newest of those that come. A picture that cannot be encoded is
/// dropped and counted.
class encode final : public module {
public:
    static module_info describe();

    encode(module_context& host, encode_settings chosen);

    /// From the next picture on.
    void reconfigure(const encode_settings& chosen);
    awaitable<void> run() override;

private:
    static jpeg_encode_options options_of(const encode_settings& chosen);

    module_context& host_;
    jpeg_encode_options options_;
    jpeg_encoder encoder_;
    input<video_frame> frames_;
    output<encoded_image> images_;
    counter& count_encoded_;
    counter& count_failed_;
    counter& encoding_ns_;
};

}  // namespace streamhost::video
