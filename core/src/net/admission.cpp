#include "net/admission.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <utility>

namespace streamhost {
namespace {

/// Peers that are remembered although they have no session: bounded, since anyone can knock.
constexpr std::size_t most_remembered = 4096;

asio::ip::address to_address(const net_address& peer) {
    error_code code;
    auto address = asio::ip::make_address(peer.host, code);
    // A v4 peer on a v6 socket is judged as what it is.
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    return address;
}

bool contains(const asio::ip::network_v6& network, const asio::ip::address_v6& address) {
    return asio::ip::network_v6(address, network.prefix_length()).canonical() == network.canonical();
}

}  // namespace

struct allow_list::networks {
    std::vector<asio::ip::network_v4> v4;
    std::vector<asio::ip::network_v6> v6;
};

allow_list::allow_list(const std::vector<std::string>& texts) : networks_(std::make_unique<networks>()) {
    for (const auto& text : texts) {
        const bool is_v6 = text.find(':') != text.npos;
        const auto with_prefix = text.find('/') != text.npos ? text : text + (is_v6 ? "/128" : "/32");
        if (is_v6) {
            networks_->v6.push_back(asio::ip::make_network_v6(with_prefix));
        } else {
            networks_->v4.push_back(asio::ip::make_network_v4(with_prefix));
        }
    }
}

allow_list::~allow_list() = default;
allow_list::allow_list(allow_list&&) noexcept = default;

bool allow_list::is_loopback(const net_address& peer) const { return to_address(peer).is_loopback(); }

bool allow_list::is_named(const net_address& peer) const {
    const auto address = to_address(peer);
    if (address.is_v4()) {
        return std::ranges::any_of(networks_->v4, [&](const auto& network) {
            return asio::ip::network_v4(address.to_v4(), network.prefix_length()).canonical() == network.canonical();
        });
    }
    return std::ranges::any_of(networks_->v6, [&](const auto& n) { return contains(n, address.to_v6()); });
}

admission::admission(allow_list allow, const session_limits& limits, logger& log, session_peers from)
    : allow_(std::move(allow)), limits_(limits), log_(log), from_(from), counts_(std::make_shared<counts>()) {}

admission::~admission() = default;

void admission::forget_idle_peers() {
    if (counts_->by_peer.size() < most_remembered) return;
    std::erase_if(counts_->by_peer, [](const auto& entry) { return entry.second.open == 0; });
}

void admission::log_once(const std::string& host, std::string_view reason, std::string_view advice) {
    auto& peer = counts_->by_peer[host];
    if (std::exchange(peer.logged, true)) return;
    log_.warn("refused {}: {}; {}", host, reason, advice);
}

void admission::refuse(const net_address& peer) {
    forget_idle_peers();
    refused_by_network.add();
    log_once(peer.host, "its network is not in `allow`", "add it there to let it in");
}

std::shared_ptr<void> admission::admit(const net_address& peer) {
    forget_idle_peers();
    if (!allows(peer)) {
        refuse(peer);
        return nullptr;
    }
    if (counts_->open >= limits_.max_connections) {
        refused_by_limit.add();
        log_once(peer.host, "all connections are in use", "raise `limits.max_connections` to let more in");
        return nullptr;
    }
    ++counts_->open;
    ++counts_->by_peer[peer.host].open;
    admitted.add();
    const auto give_back = [counts = counts_, host = peer.host](void*) {
        --counts->open;
        const auto found = counts->by_peer.find(host);
        if (found != counts->by_peer.end() && --found->second.open == 0 && !found->second.logged) {
            counts->by_peer.erase(found);
        }
    };
    return {static_cast<void*>(counts_.get()), give_back};
}

}  // namespace streamhost
