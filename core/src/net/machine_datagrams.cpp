#include "net/machine_datagrams.hpp"

#include "async/lane.hpp"
#include "net/descriptor.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace streamhost {
namespace {

using asio::ip::udp;
using socket_type = asio::basic_datagram_socket<udp, executor>;

/// Wanted of the kernel, which gives as much of it as the machine's limits (`net.core.rmem_max`) allow: a picture is one
/// datagram of up to 64 KiB, and several come before a busy lane looks again.
constexpr int buffer_size = 4 * 1024 * 1024;

/// Datagrams taken in one turn: a flood of them must leave the lane to the others.
constexpr int most_received_at_once = 32;

/// The kernel makes several datagrams of one call's bytes (UDP_SEGMENT, udp(7), since Linux 4.18): at most so many, of at
/// most so many bytes.
constexpr std::size_t most_segments = 64;
constexpr std::size_t most_segmented_bytes = 65'000;

/// A send that fails for what an earlier datagram met on its way is tried again this often.
constexpr int most_attempts = 4;

net_address to_net_address(const udp::endpoint& endpoint) { return {endpoint.address().to_string(), endpoint.port()}; }

result<udp::endpoint> to_endpoint(const net_address& number) {
    error_code problem;
    const auto address = asio::ip::make_address(number.host, problem);
    if (problem) return problem;
    return udp::endpoint(address, number.port);
}

void set_option(int socket, int level, int name, int value) {
    // A refusal leaves the kernel's default, with which everything still works.
    (void)::setsockopt(socket, level, name, &value, sizeof value);
}

/// Asks for refusals: without it, the kernel keeps them from a socket that is not connected.
descriptor make_socket(const udp::endpoint& endpoint) {
    const bool v6 = endpoint.address().is_v6();
    descriptor made(::socket(endpoint.protocol().family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!made.valid()) return made;
    set_option(made.get(), v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR, 1);
    if (v6) set_option(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_option(made.get(), SOL_SOCKET, SO_RCVBUF, buffer_size);
    set_option(made.get(), SOL_SOCKET, SO_SNDBUF, buffer_size);
    return made;
}

result<net_address> local_of(int socket) {
    udp::endpoint local;
    auto length = static_cast<socklen_t>(local.capacity());
    if (::getsockname(socket, local.data(), &length) != 0) return last_error();
    local.resize(length);
    return to_net_address(local);
}

class kernel_binding final : public bound_datagrams {
public:
    kernel_binding(descriptor socket, net_address local) : socket_(std::move(socket)), local_(std::move(local)) {}
    net_address local() const override { return local_; }
    int handle() const noexcept { return socket_.get(); }

private:
    descriptor socket_;
    net_address local_;
};

/// What the kernel says of the fate of an earlier datagram: ICMP's answers, and its own.
/// See ip(7), IP_RECVERR, and ipv6(7), IPV6_RECVERR.
const sock_extended_err* find_error(msghdr& message) {
    for (auto* each = CMSG_FIRSTHDR(&message); each != nullptr; each = CMSG_NXTHDR(&message, each)) {
        const bool v4 = each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_RECVERR;
        const bool v6 = each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_RECVERR;
        if (v4 || v6) return reinterpret_cast<const sock_extended_err*>(CMSG_DATA(each));
    }
    return nullptr;
}

/// The socket itself is of no use any more.
bool is_fatal(int code) { return code == EBADF || code == ENOTSOCK || code == EINVAL || code == EFAULT; }

/// An older kernel would send all the bytes as one datagram instead of saying that it cannot.
bool knows_segments(int socket) {
    int size = 0;
    socklen_t length = sizeof size;
    return ::getsockopt(socket, SOL_UDP, UDP_SEGMENT, &size, &length) == 0;
}

/// One that the kernel reports at the next call, whatever that call is about.
bool may_be_of_another(int code) {
    return code == ECONNREFUSED || code == EHOSTUNREACH || code == ENETUNREACH || code == EPROTO || code == EHOSTDOWN ||
           code == ENOPROTOOPT || code == EACCES;
}

class kernel_port final : public datagram_port {
public:
    kernel_port(std::shared_ptr<bound_datagrams> keep, socket_type socket, timer_queue& timers)
        : keep_(std::move(keep)), socket_(std::move(socket)), timers_(timers) {}

    awaitable<result<arrival>> receive(std::span<std::byte> into) override {
        while (!cancelled_) {
            if (received_at_once_ >= most_received_at_once) {
                received_at_once_ = 0;
                co_await asio::post(use_awaitable);
                continue;
            }
            auto datagram = take_datagram(into);
            if (datagram) {
                ++received_at_once_;
                co_return std::move(*datagram);
            }
            if (is_fatal(datagram.error().value())) co_return datagram.error();
            if (auto refusal = take_refusal()) co_return std::move(*refusal);
            received_at_once_ = 0;
            // Also ends where `wait_for_room` was given up, and where there is an error to be read.
            co_await socket_.async_wait(socket_type::wait_read, asio::as_tuple(use_awaitable));
        }
        co_return make_error_code(asio::error::operation_aborted);
    }

    result<void> send(std::span<const std::byte> content, const net_address& to) override {
        const auto endpoint = to_endpoint(to);
        if (!endpoint) return endpoint.error();
        return give(content, 0, *endpoint);
    }

    result<std::size_t> send_many(std::span<const std::byte> content, std::size_t size, const net_address& to) override {
        const auto endpoint = to_endpoint(to);
        if (!endpoint) return endpoint.error();
        const auto at_once = std::min(most_segments, most_segmented_bytes / size) * size;
        if (!segments_ || at_once <= size) return send_singly(content, size, to);
        std::size_t done = 0;
        while (done < content.size()) {
            const auto part = content.subspan(done, std::min(at_once, content.size() - done));
            const auto sent = part.size() > size ? give(part, size, *endpoint) : give(part, 0, *endpoint);
            if (!sent && done > 0) break;
            // A device that cannot (EIO), a path for smaller datagrams than these (EINVAL, EMSGSIZE): each by itself then.
            if (!sent && is_refused_segmentation(sent.error())) return send_singly(content, size, to);
            if (!sent) return sent.error();
            done += part.size();
        }
        return done;
    }

    awaitable<void> wait_for_room(duration limit) override {
        timer deadline(timers_);
        deadline.start_after(limit, [this] {
            error_code ignored;
            socket_.cancel(ignored);  // `receive` begins again
        });
        co_await socket_.async_wait(socket_type::wait_write, asio::as_tuple(use_awaitable));
    }

    void cancel() override {
        cancelled_ = true;
        error_code ignored;
        socket_.cancel(ignored);
    }

private:
    static bool is_refused_segmentation(const error_code& problem) {
        const auto is = [&](int code) { return problem == error_code(code, boost::system::system_category()); };
        return problem == errc::too_large || is(EIO) || is(EINVAL);
    }

    /// Sends `content` as one datagram, or as several of `segment` bytes where that is not 0.
    result<void> give(std::span<const std::byte> content, std::size_t segment, const udp::endpoint& to) {
        // The kernel only reads what these point to.
        iovec place{const_cast<std::byte*>(content.data()), content.size()};
        msghdr message{};
        message.msg_iov = &place;
        message.msg_iovlen = 1;
        if (remote.host.empty()) {
            message.msg_name = const_cast<sockaddr*>(to.data());
            message.msg_namelen = static_cast<socklen_t>(to.size());
        }
        alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(std::uint16_t))> control{};
        if (segment != 0) {
            message.msg_control = control.data();
            message.msg_controllen = control.size();
            auto* const head = CMSG_FIRSTHDR(&message);
            head->cmsg_level = SOL_UDP;
            head->cmsg_type = UDP_SEGMENT;
            head->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
            const auto bytes = static_cast<std::uint16_t>(segment);
            std::memcpy(CMSG_DATA(head), &bytes, sizeof bytes);
        }
        for (int attempt = 1;; ++attempt) {
            if (::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return {};
            if (errno == EMSGSIZE) return errc::too_large;
            if (errno == EAGAIN || errno == ENOBUFS) return make_error_code(asio::error::would_block);
            if (attempt == most_attempts || !may_be_of_another(errno)) return last_error();
        }
    }

    result<arrival> take_datagram(std::span<std::byte> into) {
        udp::endpoint peer;
        iovec place{into.data(), into.size()};
        msghdr message{};
        message.msg_name = peer.data();
        message.msg_namelen = static_cast<socklen_t>(peer.capacity());
        message.msg_iov = &place;
        message.msg_iovlen = 1;
        // MSG_TRUNC: the true size, also of one that was cut.
        const auto size = ::recvmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_TRUNC);
        if (size < 0) return last_error();
        peer.resize(message.msg_namelen);
        return arrival{to_net_address(peer), static_cast<std::size_t>(size)};
    }

    /// Throws away what else waits there: a host that is not reached now may be reached again, and a smaller path
    /// (EMSGSIZE) is the kernel's to bother with.
    std::optional<arrival> take_refusal() {
        for (int looked = 0; looked < most_received_at_once; ++looked) {
            udp::endpoint peer;
            alignas(cmsghdr) std::array<std::byte, 512> control;
            msghdr message{};
            message.msg_name = peer.data();
            message.msg_namelen = static_cast<socklen_t>(peer.capacity());
            message.msg_control = control.data();
            message.msg_controllen = control.size();
            if (::recvmsg(socket_.native_handle(), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) break;
            const auto* const error = find_error(message);
            if (error == nullptr || error->ee_errno != ECONNREFUSED) continue;
            peer.resize(message.msg_namelen);
            return arrival{.peer = to_net_address(peer), .refused = true};
        }
        return std::nullopt;
    }

    std::shared_ptr<bound_datagrams> keep_;
    socket_type socket_;
    timer_queue& timers_;
    bool segments_ = knows_segments(socket_.native_handle());
    bool cancelled_ = false;
    int received_at_once_ = 0;
};

result<socket_type> adopt(descriptor own, const udp& protocol, const executor& as) {
    socket_type socket(as);
    error_code code;
    socket.assign(protocol, own.get(), code);
    if (code) return code;
    own.release();
    return socket;
}

}  // namespace

result<std::shared_ptr<bound_datagrams>> bind_kernel_datagrams(const net_address& number) {
    const auto endpoint = to_endpoint(number);
    if (!endpoint) return endpoint.error();
    auto socket = make_socket(*endpoint);
    if (!socket.valid()) return last_error();
    if (::bind(socket.get(), endpoint->data(), static_cast<socklen_t>(endpoint->size())) != 0) return last_error();
    auto local = local_of(socket.get());
    if (!local) return local.error();
    return std::shared_ptr<bound_datagrams>(std::make_shared<kernel_binding>(std::move(socket), std::move(*local)));
}

std::unique_ptr<datagram_port> open_kernel_datagrams(std::shared_ptr<bound_datagrams> socket, lane& on,
                                                     const executor& as) {
    const auto& bound = static_cast<const kernel_binding&>(*socket);
    const auto local = bound.local();
    // The lease works through a descriptor of its own: closing it leaves the kernel's socket to the next lease.
    descriptor own(::fcntl(bound.handle(), F_DUPFD_CLOEXEC, 0));
    if (!own.valid()) throw boost::system::system_error(last_error());
    auto adopted = adopt(std::move(own), local.host.find(':') == std::string::npos ? udp::v4() : udp::v6(), as);
    if (!adopted) throw boost::system::system_error(adopted.error());
    auto port = std::make_unique<kernel_port>(std::move(socket), std::move(*adopted), on.timers());
    port->local = local;
    return port;
}

result<std::unique_ptr<datagram_port>> connect_kernel_datagrams(const net_address& number, lane& on,
                                                                const executor& as) {
    const auto endpoint = to_endpoint(number);
    if (!endpoint) return endpoint.error();
    auto own = make_socket(*endpoint);
    if (!own.valid()) return last_error();
    if (::connect(own.get(), endpoint->data(), static_cast<socklen_t>(endpoint->size())) != 0) return last_error();
    auto local = local_of(own.get());
    if (!local) return local.error();
    auto adopted = adopt(std::move(own), endpoint->protocol(), as);
    if (!adopted) return adopted.error();
    auto port = std::make_unique<kernel_port>(nullptr, std::move(*adopted), on.timers());
    port->local = std::move(*local);
    port->remote = number;
    return result<std::unique_ptr<datagram_port>>(std::move(port));
}

}  // namespace streamhost
