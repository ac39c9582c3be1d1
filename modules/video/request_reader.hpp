#pragma once

#include "udp_wire.hpp"

#include <streamhost/module_context.hpp>
#include <streamhost/wire/base64_jpeg.hpp>

#include <array>
#include <memory>
#include <optional>

namespace streamhost::video {

/// What viewers ask of a server of datagrams, and what is answered. Confined to the module's lane.
class request_reader {
public:
    using answer = std::array<std::byte, 64>;

    virtual ~request_reader() = default;

    struct heard {
        base64_jpeg::request asks = base64_jpeg::request::nothing;
        std::optional<answer> reply{};  ///< at once, whatever else becomes of the request
    };
    virtual heard read(std::span<const std::byte> datagram, const net_address& from) = 0;

    /// To one that said `view` and may not.
    virtual std::span<const std::byte> refusal() const = 0;
};

std::unique_ptr<request_reader> make_request_reader(module_context& host, udp_wire wire);

}  // namespace streamhost::video
