#pragma once

#include "net/stream_implementation.hpp"

#include <streamhost/awaitable.hpp>
#include <streamhost/drain.hpp>
#include <streamhost/net.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace streamhost {

class lane;

/// A bound socket. Owned by the host's address book, so it outlives the instances that lease it.
class bound_socket {
public:
    virtual ~bound_socket() = default;
    virtual net_address local() const = 0;
};

class listening_socket : public bound_socket {};

class bound_datagrams : public bound_socket {};

/// One lease of a listening socket: accepts on one lane.
class acceptor {
public:
    virtual ~acceptor() = default;
    /// The next connection; `operation_aborted` after `cancel()`.
    virtual awaitable<result<std::unique_ptr<stream::implementation>>> accept() = 0;
    virtual void cancel() = 0;
};

/// One lease of a bound datagram socket, or a socket of its own for one peer; used on one lane.
class datagram_port {
public:
    virtual ~datagram_port() = default;

    /// As `datagram_socket::receive`, but from everybody, and with the true size where a datagram is longer than `into`;
    /// `operation_aborted` after `cancel()`.
    virtual awaitable<result<arrival>> receive(std::span<std::byte> into) = 0;
    virtual result<void> send(std::span<const std::byte> content, const net_address& to) = 0;
    /// As `datagram_socket::send_many`. By default each by itself.
    virtual result<std::size_t> send_many(std::span<const std::byte> content, std::size_t size, const net_address& to) {
        return send_singly(content, size, to);
    }
    virtual awaitable<void> wait_for_room(duration limit) = 0;
    /// No more receiving; sending goes on.
    virtual void cancel() = 0;

    net_address local;
    net_address remote;  ///< the one peer; else empty

protected:
    result<std::size_t> send_singly(std::span<const std::byte> content, std::size_t size, const net_address& to) {
        std::size_t done = 0;
        while (done < content.size()) {
            const auto one = content.subspan(done, std::min(size, content.size() - done));
            const auto sent = send(one, to);
            if (!sent && done == 0) return sent.error();
            if (!sent) break;
            done += one.size();
        }
        return done;
    }
};

/// The machine's network, or a simulated one.
class net_backend {
public:
    virtual ~net_backend() = default;

    /// Numbers for a name; may block, so it runs on the pool. Any thread.
    virtual result<std::vector<net_address>> resolve(const net_address& name) = 0;

    /// Any thread.
    virtual result<std::shared_ptr<listening_socket>> bind(const net_address& number) = 0;

    virtual std::unique_ptr<acceptor> open(std::shared_ptr<listening_socket> socket, lane& on, const executor& as) = 0;

    /// Any thread.
    virtual result<std::shared_ptr<bound_datagrams>> bind_datagrams(const net_address& number) = 0;

    virtual std::unique_ptr<datagram_port> open(std::shared_ptr<bound_datagrams> socket, lane& on,
                                                const executor& as) = 0;

    /// A port of its own, for one peer.
    virtual result<std::unique_ptr<datagram_port>> connect_datagrams(const net_address& number, lane& on,
                                                                     const executor& as) = 0;

    /// Ends with `errc::draining` as soon as `drain` begins.
    virtual awaitable<result<std::unique_ptr<stream::implementation>>> connect(net_address number, lane& on, executor as,
                                                                               duration timeout,
                                                                               drain_state& drain) = 0;
};

}  // namespace streamhost
