#pragma once

#include "picture_reader.hpp"

#include <streamhost/framed_peer.hpp>

namespace streamhost::video {

/// The output of a module that receives pictures: counts them and sends them on, with their own stamps where they came with
/// some. Confined to the module's lane.
class received_pictures {
public:
    explicit received_pictures(module_context& host)
        : host_(host), images_(host.output<encoded_image>("images")), arrivals_(host) {}

    awaitable<void> send(picture_reader::picture what) {
        const auto size = what.image.data.size();
        if (what.header) {
            arrivals_.note(size, *what.header, host_.clock().steady_ns());
            co_await images_.forward(std::move(what.image), *what.header);
        } else {
            arrivals_.note(size);
            co_await images_.send(std::move(what.image));
        }
    }

private:
    module_context& host_;
    output<encoded_image> images_;
    arrivals arrivals_;
};

}  // namespace streamhost::video
