#include "net/tcp_stream.hpp"

#include "net/descriptor.hpp"
#include "net/operation_limit.hpp"

#include <streamhost/assert.hpp>
#include <streamhost/memory_file.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>

namespace streamhost {
namespace {

/// What a slow peer may have waiting in the kernel beyond what is on its way: enough to keep a fast link busy, little
/// enough that a viewer which falls behind sees fresh pictures soon.
constexpr int unsent_limit = 16 * 1024;

constexpr std::size_t most_buffers = 16;

void set_option(int socket, int level, int name, int value) {
    // A refusal leaves the kernel's default, with which everything still works.
    (void)::setsockopt(socket, level, name, &value, sizeof value);
}

}  // namespace

net_address to_net_address(const asio::ip::tcp::endpoint& endpoint) {
    return {endpoint.address().to_string(), endpoint.port()};
}

tcp_stream::tcp_stream(socket_type socket, timer_queue& timers) : socket_(std::move(socket)), timers_(&timers) {
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
    const operation_limit limit(socket_, *timers_, timeout);
    const auto buffer = asio::buffer(into.data(), into.size());
    const auto [code, count] = co_await socket_.async_read_some(buffer, asio::as_tuple(use_awaitable));
    if (!code) co_return count;
    co_return limit.explain(code);
}

awaitable<result<std::size_t>> tcp_stream::write_some(std::span<const asio::const_buffer> buffers, duration timeout) {
    const operation_limit limit(socket_, *timers_, timeout);
    const auto [code, count] = co_await socket_.async_write_some(buffers, asio::as_tuple(use_awaitable));
    if (!code) co_return count;
    co_return limit.explain(code);
}

result<std::size_t> tcp_stream::try_read(std::span<std::byte> into) {
    const auto count = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (count < 0) return last_error();
    if (count == 0 && !into.empty()) return errc::end_of_stream;
    return static_cast<std::size_t>(count);
}

result<std::size_t> tcp_stream::try_write(std::span<const asio::const_buffer> buffers) {
    STREAMHOST_ASSERT(buffers.size() <= most_buffers);
    std::array<iovec, most_buffers> pieces;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
        pieces[i] = {.iov_base = const_cast<void*>(buffers[i].data()), .iov_len = buffers[i].size()};
    }
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = buffers.size();
    const auto count = ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0) return last_error();
    return static_cast<std::size_t>(count);
}

result<std::size_t> tcp_stream::try_write(const memory_file& content, std::size_t offset) {
    auto from = static_cast<off_t>(offset);
    const auto count = ::sendfile(socket_.native_handle(), content.handle(), &from, content.size() - offset);
    if (count < 0) return last_error();
    return static_cast<std::size_t>(count);
}

void tcp_stream::when_readable(std::function<void()> then) {
    socket_.async_wait(socket_type::wait_read, [call = std::move(then)](error_code) { call(); });
}

void tcp_stream::when_writable(std::function<void()> then) {
    socket_.async_wait(socket_type::wait_write, [call = std::move(then)](error_code) { call(); });
}

void tcp_stream::move_to(const executor& as, timer_queue& timers) {
    timers_ = &timers;
    error_code failure;
    const auto endpoint = socket_.local_endpoint(failure);
    const auto protocol = endpoint.protocol();
    descriptor handle(socket_.release(failure));
    socket_ = socket_type(as);
    if (!handle.valid()) return;  // closed already, and so it stays
    socket_.assign(protocol, handle.get(), failure);
    if (!failure) handle.release();
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
