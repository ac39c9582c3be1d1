#pragma once

#include <streamhost/counter.hpp>
#include <streamhost/log.hpp>
#include <streamhost/net.hpp>
#include <streamhost/session_limits.hpp>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace streamhost {

/// Which addresses may come in: loopback always, and the networks of `allow` ("192.168.1.0/24", "fd00::/8").
class STREAMHOST_API allow_list {
public:
    /// The texts have been checked with the topology.
    explicit allow_list(const std::vector<std::string>& networks);
    ~allow_list();
    allow_list(allow_list&&) noexcept;

    bool is_loopback(const net_address& peer) const;
    bool is_named(const net_address& peer) const;

private:
    struct networks;
    std::unique_ptr<networks> networks_;
};

/// Decides for one listener who may have a session, and counts what it refuses. Confined to the lane of its instance.
class STREAMHOST_API admission {
public:
    admission(allow_list allow, const session_limits& limits, logger& log, session_peers from = session_peers::allowed);
    ~admission();

    /// A place for the peer, given back when the pointer goes; null where it is refused.
    std::shared_ptr<void> admit(const net_address& peer);

    /// Whether the peer may send without a session: its datagrams are judged one by one.
    bool allows(const net_address& peer) const {
        return from_ == session_peers::everybody || allow_.is_loopback(peer) || allow_.is_named(peer);
    }

    /// Counts a datagram that `allows` denies, and logs the address once.
    void refuse(const net_address& peer);

    /// Addresses that are remembered: those with a session, and those that were refused.
    std::size_t remembered() const noexcept { return counts_->by_peer.size(); }

    counter admitted;
    counter refused_by_network;
    counter refused_by_limit;

private:
    struct peer_count {
        std::uint32_t open = 0;
        bool logged = false;
    };
    struct counts {
        std::uint32_t open = 0;
        std::unordered_map<std::string, peer_count> by_peer;
    };

    void forget_idle_peers();
    void log_once(const std::string& host, std::string_view reason, std::string_view advice);

    allow_list allow_;
    session_limits limits_;
    logger& log_;
    session_peers from_;
    std::shared_ptr<counts> counts_;  // sessions give their place back, also after the listener went
};

}  // namespace streamhost
