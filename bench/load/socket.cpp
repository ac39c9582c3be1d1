#include "socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

namespace bench {
namespace {

constexpr int backlog = 4096;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

const sockaddr* generic(const sockaddr_in& address) { return reinterpret_cast<const sockaddr*>(&address); }

}  // namespace

descriptor::~descriptor() {
    if (number_ >= 0) ::close(number_);
}

descriptor check(int made, const char* what) {
    if (made < 0) throw std::system_error(errno, std::generic_category(), what);
    return descriptor(made);
}

descriptor listen_at(std::uint16_t port) {
    auto socket = check(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
    set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
    const auto address = loopback(port);
    if (::bind(socket.get(), generic(address), sizeof address) != 0 || ::listen(socket.get(), backlog) != 0) {
        throw std::system_error(errno, std::generic_category(), "listen");
    }
    return socket;
}

std::uint16_t local_port(const descriptor& socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

descriptor begin_connect(std::uint16_t port, int receive_buffer) {
    auto socket = check(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
    if (receive_buffer > 0) set_option(socket, SOL_SOCKET, SO_RCVBUF, receive_buffer);  // before the window is told
    set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    const auto address = loopback(port);
    if (::connect(socket.get(), generic(address), sizeof address) != 0 && errno != EINPROGRESS) {
        throw std::system_error(errno, std::generic_category(), "connect");
    }
    return socket;
}

descriptor connect_to(std::uint16_t port) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    for (;;) {
        auto socket = check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
        const auto address = loopback(port);
        if (::connect(socket.get(), generic(address), sizeof address) == 0) {
            set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
            return socket;
        }
        if (errno != ECONNREFUSED || std::chrono::steady_clock::now() > give_up) {
            throw std::system_error(errno, std::generic_category(), "connect");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

descriptor accept_from(const descriptor& listener) {
    for (;;) {
        pollfd waiting{listener.get(), POLLIN, 0};
        ::poll(&waiting, 1, -1);
        descriptor socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!socket) continue;
        set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
        return socket;
    }
}

void set_option(const descriptor& socket, int level, int option, int value) {
    ::setsockopt(socket.get(), level, option, &value, sizeof value);
}

bool send_all(const descriptor& socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void raise_descriptor_limit() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace bench
