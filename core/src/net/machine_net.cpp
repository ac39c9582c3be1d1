#include "net/machine_net.hpp"

#include "async/lane.hpp"
#include "net/descriptor.hpp"
#include "net/machine_datagrams.hpp"
#include "net/tcp_stream.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace streamhost {
namespace {

using asio::ip::tcp;
using acceptor_type = asio::basic_socket_acceptor<tcp, executor>;

constexpr int backlog = 4096;
/// Sessions taken in one turn: a flood of them, admitted or not, must leave the lane to the others.
constexpr int most_accepted_at_once = 16;

tcp::endpoint to_endpoint(const net_address& number) {
    return {asio::ip::make_address(number.host), number.port};
}

class kernel_listener final : public listening_socket {
public:
    kernel_listener(descriptor socket, net_address local) : socket_(std::move(socket)), local_(std::move(local)) {}
    net_address local() const override { return local_; }
    int handle() const noexcept { return socket_.get(); }

private:
    descriptor socket_;
    net_address local_;
};

class tcp_acceptor final : public acceptor {
public:
    tcp_acceptor(std::shared_ptr<listening_socket> keep, const kernel_listener& socket, lane& on, const executor& as)
        : keep_(std::move(keep)),
          lane_(on),
          executor_(as),
          protocol_(socket.local().host.find(':') == std::string::npos ? tcp::v4() : tcp::v6()),
          acceptor_(as),
          reserve_(open_reserve()) {
        // The lease listens through a descriptor of its own: closing it leaves the kernel's socket to the next lease.
        descriptor own(::fcntl(socket.handle(), F_DUPFD_CLOEXEC, 0));
        if (!own.valid()) throw boost::system::system_error(last_error());
        acceptor_.assign(protocol_, own.get());
        own.release();
    }

    awaitable<result<std::unique_ptr<stream::implementation>>> accept() override {
        for (;;) {
            if (accepted_at_once_ >= most_accepted_at_once) {
                accepted_at_once_ = 0;
                co_await asio::post(use_awaitable);
            }
            tcp::endpoint peer;
            auto length = static_cast<socklen_t>(peer.capacity());
            const int number =
                ::accept4(acceptor_.native_handle(), peer.data(), &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
            if (number >= 0) {
                ++accepted_at_once_;
                peer.resize(length);
                co_return adopt(descriptor(number), peer);
            }
            if (errno == EMFILE || errno == ENFILE) {
                refuse_with_reserve();
                co_return error_code(EMFILE, boost::system::system_category());
            }
            if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) co_return last_error();
            accepted_at_once_ = 0;
            const auto [code] = co_await acceptor_.async_wait(acceptor_type::wait_read, asio::as_tuple(use_awaitable));
            if (code) co_return code;
        }
    }

    void cancel() override {
        error_code ignored;
        acceptor_.close(ignored);
    }

private:
    static descriptor open_reserve() { return descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

    result<std::unique_ptr<stream::implementation>> adopt(descriptor accepted, const tcp::endpoint& peer) {
        tcp_stream::socket_type socket(executor_);
        error_code code;
        socket.assign(protocol_, accepted.get(), code);
        if (code) return code;
        accepted.release();
        auto session = std::make_unique<tcp_stream>(std::move(socket), lane_.timers());
        session->remote = to_net_address(peer);  // the socket itself does not know any more where the peer has gone already
        return session;
    }

    /// Out of descriptors: the one kept in reserve takes the peer off the backlog, so that it hears a close at once.
    void refuse_with_reserve() {
        reserve_ = descriptor(-1);
        descriptor(::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
        reserve_ = open_reserve();
    }

    std::shared_ptr<listening_socket> keep_;
    lane& lane_;
    executor executor_;
    tcp protocol_;
    acceptor_type acceptor_;
    descriptor reserve_;
    int accepted_at_once_ = 0;
};

}  // namespace

result<std::vector<net_address>> machine_net::resolve(const net_address& name) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int status = ::getaddrinfo(name.host.c_str(), std::to_string(name.port).c_str(), &hints, &found);
    if (status == EAI_SYSTEM) return last_error();
    if (status != 0) return error_code(status, asio::error::get_addrinfo_category());
    std::vector<net_address> numbers;
    for (const auto* next = found; next != nullptr; next = next->ai_next) {
        tcp::endpoint endpoint;
        if (next->ai_addrlen > endpoint.capacity()) continue;
        std::memcpy(endpoint.data(), next->ai_addr, next->ai_addrlen);
        numbers.push_back(to_net_address(endpoint));
    }
    ::freeaddrinfo(found);
    return numbers;
}

result<std::shared_ptr<listening_socket>> machine_net::bind(const net_address& number) {
    const auto endpoint = to_endpoint(number);
    descriptor socket(::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.valid()) return last_error();
    const int on = 1;
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (endpoint.address().is_v6()) (void)::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (::bind(socket.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) return last_error();
    if (::listen(socket.get(), backlog) != 0) return last_error();
    tcp::endpoint local;
    auto length = static_cast<socklen_t>(local.capacity());
    if (::getsockname(socket.get(), local.data(), &length) != 0) return last_error();
    local.resize(length);
    return std::shared_ptr<listening_socket>(
        std::make_shared<kernel_listener>(std::move(socket), to_net_address(local)));
}

std::unique_ptr<acceptor> machine_net::open(std::shared_ptr<listening_socket> socket, lane& on, const executor& as) {
    const auto& bound = static_cast<const kernel_listener&>(*socket);
    return std::make_unique<tcp_acceptor>(std::move(socket), bound, on, as);
}

result<std::shared_ptr<bound_datagrams>> machine_net::bind_datagrams(const net_address& number) {
    return bind_kernel_datagrams(number);
}

std::unique_ptr<datagram_port> machine_net::open(std::shared_ptr<bound_datagrams> socket, lane& on, const executor& as) {
    return open_kernel_datagrams(std::move(socket), on, as);
}

result<std::unique_ptr<datagram_port>> machine_net::connect_datagrams(const net_address& number, lane& on,
                                                                      const executor& as) {
    return connect_kernel_datagrams(number, on, as);
}

awaitable<result<std::unique_ptr<stream::implementation>>> machine_net::connect(net_address number, lane& on,
                                                                                executor as, duration timeout,
                                                                                drain_state& drain) {
    const auto endpoint = to_endpoint(number);
    descriptor made(::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!made.valid()) co_return last_error();
    tcp_stream::socket_type socket(as);
    error_code failure;
    socket.assign(endpoint.protocol(), made.get(), failure);
    if (failure) co_return failure;
    made.release();

    bool expired = false;
    const auto give_up = [&] {
        error_code ignored;
        socket.cancel(ignored);
    };
    timer deadline(on.timers());
    if (timeout != no_timeout) {
        deadline.start_after(timeout, [&] {
            expired = true;
            give_up();
        });
    }
    const drain_state::watch on_drain(drain, give_up);
    const auto [code] = co_await socket.async_connect(endpoint, asio::as_tuple(use_awaitable));
    if (drain.draining()) co_return errc::draining;
    if (expired) co_return errc::timed_out;
    if (code) co_return code;
    const auto self = socket.local_endpoint(failure);
    const auto peer = socket.remote_endpoint(failure);
    if (failure) co_return failure;  // gone again already
    // Dialling a free port of one's own range can connect a socket to itself (TCP simultaneous open).
    if (self == peer) co_return error_code(ECONNREFUSED, boost::system::system_category());
    co_return std::make_unique<tcp_stream>(std::move(socket), on.timers());
}

}  // namespace streamhost
