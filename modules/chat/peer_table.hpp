#pragma once

#include <streamhost/fan_out.hpp>
#include <streamhost/net.hpp>

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost::chat {

/// One who is in the chat. Known by the address of the connection that came first.
struct peer {
    std::string address;            ///< "10.0.0.5:51234"
    std::string host;               ///< "10.0.0.5"
    viewer* listening = nullptr;    ///< its connection that takes lines, where it is there
    bool speaking = false;          ///< its connection that sends lines is there
};

/// Who is in the chat. On the wire `pickle` a peer has two connections, and nothing on them says that they belong
/// together: one that comes is taken for the missing half of the peer of the same host that has waited longest. Confined
/// to its lane.
class peer_table {
public:
    /// A connection that takes lines. `is_new`: nobody had come from there, or all have both their halves.
    struct arrival {
        peer* who = nullptr;
        bool is_new = false;
    };
    arrival add_listener(const net_address& from, viewer& connection);
    arrival add_speaker(const net_address& from);
    /// One connection for both ways.
    arrival add_both(const net_address& from, viewer& connection);

    /// One of its halves has gone. True where that was the last: the peer is no more.
    bool remove_listener(peer& who);
    bool remove_speaker(peer& who);

    /// Those that `recipient` names: an address, or a host and so everyone there.
    std::vector<peer*> find(std::string_view recipient);

    std::size_t size() const noexcept { return peers_.size(); }

private:
    peer& add(const net_address& from);
    bool forget_where_gone(peer& who);

    std::list<peer> peers_;  // in the order of their coming
};

}  // namespace streamhost::chat
