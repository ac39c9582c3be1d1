#pragma once

#include "net/net_backend.hpp"

#include <list>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace streamhost {

/// Who leases sockets: one instance, from its making to its end. Never used again for another.
using socket_holder = std::uint64_t;

/// The host's bound sockets, by holder, by the address as the topology writes it, and by kind. An instance that restarts
/// leases the same kernel socket again, so its port stays and nobody can take it in between; one that takes another's
/// place in a running host shares that one's socket until the other is gone. An instance that binds twice at one
/// address, such as port 0, has a socket for each time. Any thread.
class STREAMHOST_API address_book {
public:
    explicit address_book(net_backend& net) : net_(net) {}

    /// Who asks: `name` is the instance's in the topology.
    struct tenant {
        socket_holder holder = 0;
        std::string name;
    };

    /// Binds on first use, where all earlier leases of that address are held, and where nobody who leaves has it.
    /// `number` is the resolved address.
    result<std::shared_ptr<listening_socket>> lease(const tenant& by, const std::string& address,
                                                    const net_address& number);

    result<std::shared_ptr<bound_datagrams>> lease_datagrams(const tenant& by, const std::string& address,
                                                             const net_address& number);

    /// From now on the sockets of these holders may be shared by others: they leave. An empty set ends that.
    void hand_over_from(std::set<socket_holder> leaving);

    /// Gives up the sockets of a holder, who has ended for good or may take nobody new. A socket closes with its last
    /// holder's lease.
    void release(socket_holder holder);

    struct entry {
        std::string instance;
        std::string address;  ///< as written in the topology
        net_address bound;
    };
    std::vector<entry> entries() const;

private:
    template <class Socket>
    struct place {
        tenant by;
        std::string address;
        net_address number;
        std::shared_ptr<Socket> socket;
        std::weak_ptr<Socket> lease;  ///< alive while the holder uses it
    };
    template <class Socket>
    using places = std::list<place<Socket>>;

    template <class Socket, class Bind>
    result<std::shared_ptr<Socket>> lease_of(places<Socket>& all, const tenant& by, const std::string& address,
                                             const net_address& number, Bind bind);
    template <class Socket>
    std::shared_ptr<Socket> left_by_others(const places<Socket>& all, const tenant& by, const std::string& address,
                                           const net_address& number) const;

    net_backend& net_;
    mutable std::mutex mutex_;
    std::set<socket_holder> leaving_;
    places<listening_socket> listening_;
    places<bound_datagrams> datagrams_;
};

}  // namespace streamhost
