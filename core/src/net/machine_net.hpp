#pragma once

#include "net/net_backend.hpp"

namespace streamhost {

/// TCP and UDP through the kernel. Every descriptor is close-on-exec.
class STREAMHOST_API machine_net final : public net_backend {
public:
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
};

}  // namespace streamhost
