#pragma once

#include "net/stream_implementation.hpp"

#include <streamhost/awaitable.hpp>
#include <streamhost/drain.hpp>
#include <streamhost/net.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace streamhost {

class lane;

/// A bound, listening socket. Owned by the host's address book, so it outlives the instances that lease it.
class listening_socket {
public:
    virtual ~listening_socket() = default;
    virtual net_address local() const = 0;
};

/// One lease of a listening socket: accepts on one lane.
class acceptor {
public:
    virtual ~acceptor() = default;
    /// The next connection; `operation_aborted` after `cancel()`.
    virtual awaitable<result<std::unique_ptr<stream::implementation>>> accept() = 0;
    virtual void cancel() = 0;
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

    /// Ends with `errc::draining` as soon as `drain` begins.
    virtual awaitable<result<std::unique_ptr<stream::implementation>>> connect(net_address number, lane& on, executor as,
                                                                               duration timeout,
                                                                               drain_state& drain) = 0;
};

}  // namespace streamhost
