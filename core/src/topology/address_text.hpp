#pragma once

#include <streamhost/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Addresses as a topology writes them, without a look-up and without a socket.
namespace streamhost {

/// "host:port"; an IPv6 address stands in brackets: "[::1]:9699".
struct host_and_port {
    std::string host;  ///< a name or an address, without brackets
    std::uint16_t port = 0;
};

STREAMHOST_API std::optional<host_and_port> parse_host_and_port(std::string_view text);

/// Whether only this machine can reach a listener there: 127.0.0.0/8, ::1 and `localhost`.
STREAMHOST_API bool is_loopback(std::string_view host);

/// A network as in "192.168.1.0/24" or "fd00::/8"; a single address is a network of one.
struct network_text {
    std::string canonical;  ///< host bits zero, prefix written out
    bool had_host_bits = false;
};

STREAMHOST_API std::optional<network_text> parse_network(std::string_view text);

/// The network that an operator who listens at `host` most likely means: its /24 or /64, else a usual home network.
std::string likely_network(std::string_view host);

}  // namespace streamhost
