#pragma once

#include <streamhost/clock.hpp>
#include <streamhost/net.hpp>

#include <functional>
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

    // What only sessions of a network have.
    virtual result<std::size_t> try_read(std::span<std::byte>) { return errc::unsupported; }
    virtual result<std::size_t> try_write(std::span<const asio::const_buffer>) { return errc::unsupported; }
    virtual result<std::size_t> try_write(const memory_file&, std::size_t) { return errc::unsupported; }
    virtual void when_readable(std::function<void()>) {}
    virtual void when_writable(std::function<void()>) {}
    virtual void move_to(const executor&, timer_queue&) {}

    net_address remote;
    net_address local;
    std::shared_ptr<void> admission;  ///< gives the place in the listener's limits back when it goes
};

}  // namespace streamhost
