#pragma once

#include "udp_wire.hpp"

#include <streamhost/module_context.hpp>

#include <memory>
#include <optional>

namespace streamhost::video {

/// Makes pictures of the datagrams of one sender at a time; counts and logs what is none. Confined to the module's lane.
class picture_reader {
public:
    virtual ~picture_reader() = default;

    struct picture {
        encoded_image image;
        std::optional<message_header> header;  ///< where it came with stamps of its own
    };
    struct reading {
        bool good = false;  ///< the datagram is a picture or a part of one
        std::optional<picture> whole;
    };
    virtual reading read(std::span<const std::byte> datagram, const net_address& from) = 0;

    /// What comes next is of another sender, or of one that was silent.
    virtual void begin() {}
};

std::unique_ptr<picture_reader> make_picture_reader(module_context& host, udp_wire wire);

}  // namespace streamhost::video
