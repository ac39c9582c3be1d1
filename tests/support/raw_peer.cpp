#include "support/raw_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <random>
#include <stdexcept>
#include <utility>

namespace streamhost::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) {
    throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

int open_socket() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) fail("socket");
    return socket;
}

void limit_receive_buffer(int socket, int bytes) {
    if (bytes > 0) (void)::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool bind_to(int socket, std::uint16_t port) {
    const auto address = loopback(port);
    return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

std::uint16_t port_of(int socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("getsockname");
    return ntohs(address.sin_port);
}

/// False when `event` did not come before `deadline`.
bool wait_for(int socket, short event, steady_clock::time_point deadline) {
    const auto rest = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    pollfd waiting{socket, event, 0};
    return rest.count() > 0 && ::poll(&waiting, 1, static_cast<int>(rest.count())) > 0;
}

std::string little_endian(std::uint64_t number, std::size_t size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(number >> (8 * i) & 0xFF));
    return bytes;
}

}  // namespace

raw_peer::raw_peer(int socket) : socket_(socket) {}
raw_peer::raw_peer(raw_peer&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

raw_peer& raw_peer::operator=(raw_peer&& other) noexcept {
    std::swap(socket_, other.socket_);
    return *this;
}

raw_peer::~raw_peer() {
    if (socket_ >= 0) ::close(socket_);
}

raw_peer raw_peer::connect_to(std::uint16_t port, int receive_buffer) {
    raw_peer peer(open_socket());
    limit_receive_buffer(peer.socket_, receive_buffer);
    const auto address = loopback(port);
    if (::connect(peer.socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
    return peer;
}

bool raw_peer::send(std::string_view bytes) {
    const auto deadline = steady_clock::now() + std::chrono::seconds(30);
    while (!bytes.empty()) {
        if (!wait_for(socket_, POLLOUT, deadline)) return false;
        const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno != EAGAIN) return false;
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return true;
}

std::string raw_peer::receive(std::size_t count, milliseconds limit) {
    const auto deadline = steady_clock::now() + limit;
    std::string bytes(count, '\0');
    std::size_t done = 0;
    while (done < count && wait_for(socket_, POLLIN, deadline)) {
        const auto got = ::recv(socket_, bytes.data() + done, count - done, MSG_DONTWAIT);
        if (got <= 0) break;
        done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
}

bool raw_peer::wait_closed(milliseconds limit) {
    const auto deadline = steady_clock::now() + limit;
    std::array<char, 65536> ignored;
    while (wait_for(socket_, POLLIN, deadline)) {
        if (::recv(socket_, ignored.data(), ignored.size(), MSG_DONTWAIT) <= 0) return true;
    }
    return false;
}

void raw_peer::finish() { ::shutdown(socket_, SHUT_WR); }

void raw_peer::reset() {
    const linger at_once{1, 0};
    (void)::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(socket_, -1));
}

std::uint16_t raw_peer::local_port() const { return port_of(socket_); }

raw_listener::raw_listener(int receive_buffer) : socket_(open_socket()), port_(0) {
    limit_receive_buffer(socket_, receive_buffer);
    if (!bind_to(socket_, 0) || ::listen(socket_, 16) != 0) fail("listen");
    port_ = port_of(socket_);
}

raw_listener::~raw_listener() { ::close(socket_); }

raw_peer raw_listener::accept(milliseconds limit) {
    if (!wait_for(socket_, POLLIN, steady_clock::now() + limit)) throw std::runtime_error("nobody has called");
    const int peer = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) fail("accept");
    return raw_peer(peer);
}

reserved_port::reserved_port() : socket_(open_socket()), number_(0) {
    const int on = 1;
    (void)::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!bind_to(socket_, 0)) fail("bind");
    number_ = port_of(socket_);
}

reserved_port::~reserved_port() { ::close(socket_); }

std::uint16_t free_port() {
    std::random_device random;
    std::uniform_int_distribution<int> any(20000, 32000);
    for (int attempt = 0; attempt < 1000; ++attempt) {
        const auto port = static_cast<std::uint16_t>(any(random));
        const int socket = open_socket();
        const bool is_free = bind_to(socket, port);
        ::close(socket);
        if (is_free) return port;
    }
    throw std::runtime_error("no free port");
}

std::string u16(std::uint16_t number) { return little_endian(number, 2); }
std::string u32(std::uint32_t number) { return little_endian(number, 4); }
std::string u64(std::uint64_t number) { return little_endian(number, 8); }

}  // namespace streamhost::test
