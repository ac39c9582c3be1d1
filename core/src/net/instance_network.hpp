#pragma once

#include "async/lane.hpp"
#include "net/address_book.hpp"
#include "net/admission.hpp"

#include <streamhost/drain.hpp>
#include <streamhost/net.hpp>

#include <functional>

namespace streamhost {

/// What the network of one instance works with. Everything outlives the instance's module.
struct instance_network_parts {
    address_book::tenant instance;
    net_backend& backend;
    address_book& book;
    lane& on;
    executor as;
    drain_state& drain;
    logger& log;
    session_limits limits;
    std::vector<std::string> allow;
    std::function<counter&(std::string_view name, std::string_view help)> metric;
    /// Runs a job that may take long on a worker thread; it may outlive the instance.
    std::function<void(std::function<void()> job)> run_aside;
};

/// The network as an instance sees it: the backend, under the instance's limits, `allow` and drain.
class STREAMHOST_API instance_network final : public network {
public:
    explicit instance_network(instance_network_parts parts) : parts_(std::move(parts)) {}

    awaitable<listener> listen(std::string address, session_peers from) override;
    awaitable<datagram_socket> bind(std::string address, datagram_peers from) override;
    awaitable<result<datagram_socket>> dial_datagrams(std::string address, std::size_t turn) override;
    awaitable<result<stream>> dial(std::string address, duration timeout) override;

private:
    awaitable<result<std::vector<net_address>>> resolve(net_address name, duration timeout);
    /// The number to bind; throws `configuration_error`.
    awaitable<net_address> own_number(std::string address);

    instance_network_parts parts_;
};

}  // namespace streamhost
