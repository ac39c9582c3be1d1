#pragma once

#include "net/net_backend.hpp"

/// UDP through the kernel. Every descriptor is close-on-exec.
namespace streamhost {

result<std::shared_ptr<bound_datagrams>> bind_kernel_datagrams(const net_address& number);

/// Throws `boost::system::system_error` where no further descriptor can be had.
std::unique_ptr<datagram_port> open_kernel_datagrams(std::shared_ptr<bound_datagrams> socket, lane& on,
                                                     const executor& as);

result<std::unique_ptr<datagram_port>> connect_kernel_datagrams(const net_address& number, lane& on, const executor& as);

}  // namespace streamhost
