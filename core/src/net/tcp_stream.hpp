#pragma once

#include "async/lane.hpp"
#include "net/stream_implementation.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace streamhost {

net_address to_net_address(const asio::ip::tcp::endpoint& endpoint);

/// A connected TCP socket.
class tcp_stream final : public stream::implementation {
public:
    using socket_type = asio::basic_stream_socket<asio::ip::tcp, executor>;

    /// Sets the options that every session has: no delay, a bounded unsent backlog, and probes that find a peer which
    /// vanished without a word within 30 s.
    tcp_stream(socket_type socket, timer_queue& timers);

    const clock& time() const noexcept override { return timers_->time(); }

    awaitable<result<std::size_t>> read_some(std::span<std::byte> into, duration timeout) override;
    awaitable<result<std::size_t>> write_some(std::span<const asio::const_buffer> buffers, duration timeout) override;
    result<std::size_t> try_read(std::span<std::byte> into) override;
    result<std::size_t> try_write(std::span<const asio::const_buffer> buffers) override;
    result<std::size_t> try_write(const memory_file& content, std::size_t offset) override;
    void when_readable(std::function<void()> then) override;
    void when_writable(std::function<void()> then) override;
    void move_to(const executor& as, timer_queue& timers) override;
    std::size_t unsent() const noexcept override;
    void finish() override;
    void close() override;

private:
    socket_type socket_;
    timer_queue* timers_;
};

}  // namespace streamhost
