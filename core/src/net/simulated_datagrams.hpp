#pragma once

#include "net/net_backend.hpp"

#include <streamhost/backoff.hpp>
#include <streamhost/event.hpp>
#include <streamhost/export.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace streamhost {

/// What a simulated network does to datagrams. Shares are from 0 (none) to 1 (all).
struct datagram_faults {
    double lost = 0;
    double doubled = 0;
    double late = 0;                           ///< held back for `late_by`, so that later ones come before
    duration late_by = std::chrono::milliseconds(20);
    bool refuses = true;                       ///< answers what nobody receives, as a machine that is up does
    bool full = false;                         ///< has no room in a sender's buffer
};

/// The datagrams of a simulation on their way: from each to the address that it names, in order and at once, unless
/// faults were asked for. All on one thread.
class STREAMHOST_API simulated_datagrams {
public:
    simulated_datagrams(std::uint64_t seed, std::function<std::uint16_t()> free_port);

    datagram_faults faults;
    std::uint64_t lost = 0;  ///< datagrams that faults took

    result<std::shared_ptr<bound_datagrams>> bind(const net_address& number);
    std::unique_ptr<datagram_port> open(std::shared_ptr<bound_datagrams> socket, lane& on);
    std::unique_ptr<datagram_port> connect(const net_address& number, lane& on);

    /// Where the datagrams of one address wait.
    struct inbox;

private:
    friend class simulated_port;

    result<std::shared_ptr<inbox>> make_inbox(net_address local);
    result<void> send(inbox& from, std::span<const std::byte> content, const net_address& to, steady_time now);
    void deliver(inbox& to, const net_address& from, std::span<const std::byte> content, steady_time now);
    bool chance(double share);

    random_engine random_;
    std::function<std::uint16_t()> free_port_;
    std::map<std::string, std::weak_ptr<inbox>> inboxes_;
};

}  // namespace streamhost
