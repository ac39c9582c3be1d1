#pragma once

#include "net/net_backend.hpp"
#include "net/simulated_datagrams.hpp"

#include <streamhost/export.hpp>

#include <map>
#include <memory>

namespace streamhost {

/// A network that exists in memory only, for the simulated context: every host of one simulation shares it, a stream is
/// a pair of bounded pipes, datagrams arrive unless `datagrams().faults` says otherwise, time is virtual. Names resolve to
/// themselves. All on one thread.
class STREAMHOST_API simulated_net final : public net_backend {
public:
    /// The seed is for the faults of datagrams.
    explicit simulated_net(std::uint64_t seed = 1);
    ~simulated_net() override;

    /// A serial port of a simulation is a session with whoever listens at this address; a device that is not plugged in is
    /// one where nobody does.
    static net_address serial_port(const std::string& device) { return {device, 1}; }

    result<std::vector<net_address>> resolve(const net_address& name) override;
    result<std::shared_ptr<listening_socket>> bind(const net_address& number) override;
    std::unique_ptr<acceptor> open(std::shared_ptr<listening_socket> socket, lane& on, const executor& as) override;
    result<std::shared_ptr<bound_datagrams>> bind_datagrams(const net_address& number) override;
    std::unique_ptr<datagram_port> open(std::shared_ptr<bound_datagrams> socket, lane& on, const executor& as) override;
    result<std::unique_ptr<datagram_port>> connect_datagrams(const net_address& number, lane& on,
                                                             const executor& as) override;
    awaitable<result<std::unique_ptr<stream::implementation>>> connect(net_address number, lane& on, executor as,
                                                                       duration timeout,
                                                                       drain_state& drain) override;

    /// Breaks every stream that is open now, as a network that has gone would.
    void cut_streams();

    /// Streams that are open now, both ends counted once each.
    std::size_t open_streams() const noexcept;

    simulated_datagrams& datagrams() noexcept { return datagrams_; }

    struct shared_state;

private:
    std::shared_ptr<shared_state> state_;
    simulated_datagrams datagrams_;
};

}  // namespace streamhost
