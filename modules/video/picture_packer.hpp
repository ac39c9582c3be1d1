#pragma once

#include "packed_picture.hpp"
#include "udp_wire.hpp"

#include <streamhost/module_context.hpp>

#include <cstdint>

namespace streamhost::video {

/// Makes datagrams of a module's pictures, on a worker thread where one has to be encoded again first; counts and logs
/// what could not be. Confined to the module's lane; packs one picture at a time.
class picture_packer {
public:
    virtual ~picture_packer() = default;

    /// Empty where the picture is damaged.
    virtual awaitable<packed_picture> pack(message<encoded_image> picture) = 0;

    /// Gives the datagrams of a burst the numbers that a receiver expects, who has been sent so many `before`; nothing where
    /// the wire has none.
    virtual void number(std::span<std::byte> burst, std::uint64_t before) const = 0;
};

std::unique_ptr<picture_packer> make_picture_packer(module_context& host, udp_wire wire);

}  // namespace streamhost::video
