#pragma once

#include <streamhost/clock.hpp>
#include <streamhost/net.hpp>

#include <memory>
#include <span>

namespace streamhost {

/// What stands behind a `stream`: a TCP connection, an in-memory pipe, a child's output.
class stream::implementation {
public:
    virtual ~implementation() = default;

    virtual const clock& time() const noexcept = 0;
    virtual awaitable<result<std::size_t>> read_some(std::span<std::byte> into, duration timeout) = 0;
    virtual awaitable<result<std::size_t>> write_some(std::span<const asio::const_buffer> buffers, duration timeout) = 0;
    virtual std::size_t unsent() const noexcept { return 0; }
    virtual void finish() = 0;
    virtual void close() = 0;

    net_address remote;
    net_address local;
    std::shared_ptr<void> admission;  ///< gives the place in the listener's limits back when it goes
};

}  // namespace streamhost
