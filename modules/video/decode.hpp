#pragma once

#include "jpeg_decoder.hpp"

#include <streamhost/module.hpp>

namespace streamhost::video {

/// `video.decode`: JPEG to raw pictures, one at a time on a worker thread and in order, after a look at the header that
/// refuses what would cost too much. While one is at work its input's queue, which by default holds the latest, keeps the
/// newest of those that come. A picture that is refused is dropped and counted.
class decode final : public module {
public:
    static module_info describe();

    explicit decode(module_context& host);

    awaitable<void> run() override;

private:
    module_context& host_;
    jpeg_decoder decoder_;
    input<encoded_image> images_;
    output<video_frame> frames_;
    counter& count_decoded_;
    counter& count_refused_;
    counter& decoding_ns_;
};

}  // namespace streamhost::video
