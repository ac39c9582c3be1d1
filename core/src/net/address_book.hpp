#pragma once

#include "net/net_backend.hpp"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace streamhost {

/// The host's bound sockets, by instance, by the address as the topology writes it, and by kind. An instance that restarts leases
/// the same kernel socket again, so its port stays and nobody can take it in between. An instance that binds twice at
/// one address, such as port 0, has a socket for each time. Any thread.
class STREAMHOST_API address_book {
public:
    explicit address_book(net_backend& net) : net_(net) {}

    /// Binds on first use, or where all earlier leases of that address are held. `number` is the resolved address.
    result<std::shared_ptr<listening_socket>> lease(const std::string& instance, const std::string& address,
                                                    const net_address& number);

    result<std::shared_ptr<bound_datagrams>> lease_datagrams(const std::string& instance, const std::string& address,
                                                             const net_address& number);

    /// Closes the sockets of an instance: it has ended for good, or the host drains and nobody new may come.
    void release(const std::string& instance);

    struct entry {
        std::string instance;
        std::string address;  ///< as written in the topology
        net_address bound;
    };
    std::vector<entry> entries() const;

private:
    template <class Socket>
    using sockets_of = std::map<std::pair<std::string, std::string>, std::vector<std::shared_ptr<Socket>>>;

    net_backend& net_;
    mutable std::mutex mutex_;
    sockets_of<listening_socket> listening_;
    sockets_of<bound_datagrams> datagrams_;
};

}  // namespace streamhost
