#pragma once

#include "counters.hpp"
#include "faults.hpp"

#include <streamhost/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace fault_proxy {

struct proxy_options {
    bool udp = false;
    std::string listen = "127.0.0.1:0";
    std::string to;
    std::uint64_t seed = 1;
    faults up;
    faults down;
};

/// Stands between who calls and a target, and does to what passes what its options say. Confined to one thread.
class proxy {
public:
    virtual ~proxy() = default;
    /// "127.0.0.1:40001"
    virtual std::string address() const = 0;
    /// Until it is cancelled (terminal).
    virtual streamhost::awaitable<void> run() = 0;
    virtual const counters& counts() const = 0;
};

/// Binds the address. Throw `boost::system::system_error`, or `std::runtime_error` for an address that is none.
std::unique_ptr<proxy> make_tcp_proxy(streamhost::executor on, const proxy_options& chosen);
std::unique_ptr<proxy> make_udp_proxy(streamhost::executor on, const proxy_options& chosen);

}  // namespace fault_proxy
