#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace streamhost::test {

/// A TCP socket by hand, for what no decent program would send. Every operation ends after `peer_limit` at the latest.
class raw_peer {
public:
    /// Takes over an open socket.
    explicit raw_peer(int socket);
    raw_peer(raw_peer&& other) noexcept;
    raw_peer& operator=(raw_peer&& other) noexcept;
    ~raw_peer();

    /// Connects to a port of this machine. `receive_buffer`: bytes that the kernel takes ahead of `receive`, 0 for the
    /// usual many.
    static raw_peer connect_to(std::uint16_t port, int receive_buffer = 0);

    /// False where the other side is gone.
    bool send(std::string_view bytes);

    /// Exactly `count` bytes, or fewer where the other side closes or nothing comes for `limit`.
    std::string receive(std::size_t count, std::chrono::milliseconds limit = std::chrono::seconds(30));

    /// Discards what comes until the other side closes; false when it did not within the limit.
    bool wait_closed(std::chrono::milliseconds limit = std::chrono::seconds(30));

    /// Sends no more: the other side reads an end, whatever it has sent that was not received here.
    void finish();

    /// Ends the connection at once, with a reset instead of a close.
    void reset();

    std::uint16_t local_port() const;

private:
    int socket_;
};

/// A listening socket by hand, on a port that the kernel chooses. `receive_buffer` as in `raw_peer::connect_to`.
class raw_listener {
public:
    explicit raw_listener(int receive_buffer = 0);
    ~raw_listener();
    raw_listener(const raw_listener&) = delete;
    raw_listener& operator=(const raw_listener&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    /// The next caller. Throws `std::runtime_error` when none came.
    raw_peer accept(std::chrono::milliseconds limit = std::chrono::seconds(30));

private:
    int socket_;
    std::uint16_t port_;
};

/// A port that no other program gets from the kernel as long as this object lives, while one that binds with
/// SO_REUSEADDR, as a host does, may listen there: for a server that goes and comes back.
class reserved_port {
public:
    reserved_port();
    ~reserved_port();
    reserved_port(const reserved_port&) = delete;
    reserved_port& operator=(const reserved_port&) = delete;

    std::uint16_t number() const noexcept { return number_; }
    std::string address() const { return "127.0.0.1:" + std::to_string(number_); }

private:
    int socket_;
    std::uint16_t number_;
};

/// A port that was free a moment ago, for programs that need one to themselves: below those that the kernel gives out,
/// and another one at each call.
std::uint16_t free_port();

/// Little endian.
std::string u16(std::uint16_t number);
std::string u32(std::uint32_t number);
std::string u64(std::uint64_t number);

}  // namespace streamhost::test
