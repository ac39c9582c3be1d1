#include "net/tcp_stream.hpp"

#include "net/operation_limit.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

namespace streamhost {
namespace {

/// What a slow peer may have waiting in the kernel beyond what is on its way: enough to keep a fast link busy, little
/// enough that a viewer which falls behind sees fresh pictures soon.
constexpr int unsent_limit = 128 * 1024;

void set_option(int socket, int level, int name, int value) {
    // A refusal leaves the kernel's default, with which everything still works.
    (void)::setsockopt(socket, level, name, &value, sizeof value);
}

}  // namespace

net_address to_net_address(const asio::ip::tcp::endpoint& endpoint) {
    return {endpoint.address().to_string(), endpoint.port()};
}

tcp_stream::tcp_stream(socket_type socket, timer_queue& timers) : socket_(std::move(socket)), timers_(timers) {
    const int handle = socket_.native_handle();
    set_option(handle, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(handle, IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_limit);
    set_option(handle, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(handle, IPPROTO_TCP, TCP_KEEPIDLE, 15);
    set_option(handle, IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set_option(handle, IPPROTO_TCP, TCP_KEEPCNT, 3);
    set_option(handle, IPPROTO_TCP, TCP_USER_TIMEOUT, 20'000);
    error_code ignored;
    remote = to_net_address(socket_.remote_endpoint(ignored));
    local = to_net_address(socket_.local_endpoint(ignored));
}

awaitable<result<std::size_t>> tcp_stream::read_some(std::span<std::byte> into, duration timeout) {
    const operation_limit limit(socket_, timers_, timeout);
    const auto buffer = asio::buffer(into.data(), into.size());
    const auto [code, count] = co_await socket_.async_read_some(buffer, asio::as_tuple(use_awaitable));
    if (!code) co_return count;
    co_return limit.explain(code);
}

awaitable<result<std::size_t>> tcp_stream::write_some(std::span<const asio::const_buffer> buffers, duration timeout) {
    const operation_limit limit(socket_, timers_, timeout);
    const auto [code, count] = co_await socket_.async_write_some(buffers, asio::as_tuple(use_awaitable));
    if (!code) co_return count;
    co_return limit.explain(code);
}

std::size_t tcp_stream::unsent() const noexcept {
    int count = 0;
    auto& socket = const_cast<socket_type&>(socket_);
    if (!socket.is_open() || ::ioctl(socket.native_handle(), SIOCOUTQ, &count) != 0) return 0;
    return static_cast<std::size_t>(count);
}

void tcp_stream::finish() {
    error_code ignored;
    socket_.shutdown(socket_type::shutdown_send, ignored);
}

void tcp_stream::close() {
    error_code ignored;
    socket_.close(ignored);
}

}  // namespace streamhost
