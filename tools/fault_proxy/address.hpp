#pragma once

#include <string>

namespace fault_proxy {

/// "HOST:PORT" or "[HOST]:PORT", the host a name or an address, as the first endpoint of `Protocol` that it stands for.
/// Throws `std::runtime_error`.
template <class Protocol>
typename Protocol::endpoint parse_endpoint(const std::string& text);

template <class Endpoint>
std::string to_text(const Endpoint& endpoint);

}  // namespace fault_proxy
