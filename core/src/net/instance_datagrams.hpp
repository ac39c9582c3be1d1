#pragma once

#include "net/instance_network.hpp"

namespace streamhost {

/// A datagram socket as an instance sees it: the port, under the instance's `allow` and drain, counted.
/// `parts` outlives it.
datagram_socket make_datagram_socket(const instance_network_parts& parts, std::unique_ptr<datagram_port> port,
                                     datagram_peers from);

}  // namespace streamhost
