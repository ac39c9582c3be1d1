#pragma once

#include "net/net_backend.hpp"

namespace streamhost {

/// TCP through the kernel. Every descriptor is close-on-exec.
class STREAMHOST_API machine_net final : public net_backend {
public:
    result<std::vector<net_address>> resolve(const net_address& name) override;
    result<std::shared_ptr<listening_socket>> bind(const net_address& number) override;
    std::unique_ptr<acceptor> open(std::shared_ptr<listening_socket> socket, lane& on, const executor& as) override;
    awaitable<result<std::unique_ptr<stream::implementation>>> connect(net_address number, lane& on, executor as,
                                                                       duration timeout,
                                                                       drain_state& drain) override;
};

}  // namespace streamhost
