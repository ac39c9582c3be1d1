#include "net/instance_datagrams.hpp"

#include <streamhost/assert.hpp>

#include <boost/asio/error.hpp>

namespace streamhost {

class datagram_socket::implementation {
public:
    implementation(const instance_network_parts& parts, std::unique_ptr<datagram_port> port, datagram_peers from)
        : port_(std::move(port)),
          drain_(parts.drain),
          from_(from),
          admission_(allow_list(parts.allow), parts.limits, parts.log),
          on_drain_(parts.drain, [this] { port_->cancel(); }),
          count_received_(parts.metric("datagrams_received", "datagrams that came")),
          count_refused_(parts.metric("datagrams_refused", "datagrams from addresses that `allow` does not name")),
          count_too_long_(parts.metric("datagrams_too_long", "datagrams that were longer than any that is expected")),
          count_sent_(parts.metric("datagrams_sent", "datagrams that were given to the kernel")),
          count_unsent_(parts.metric("datagrams_unsent", "datagrams for which the kernel had no room, or no way")) {}

    awaitable<result<arrival>> receive(std::span<std::byte> into) {
        while (!ended()) {
            auto came = co_await port_->receive(into);
            if (ended()) break;
            if (!came) co_return came.error();
            if (came->refused) co_return came;
            if (!may_send(*came)) continue;
            count_received_.add();
            if (came->size <= into.size()) co_return came;
            count_too_long_.add();
        }
        co_return errc::draining;
    }

    result<void> send(std::span<const std::byte> content, const net_address& to) {
        if (closed_) return errc::draining;
        const auto sent = port_->send(content, to);
        (sent ? count_sent_ : count_unsent_).add();
        return sent;
    }

    result<std::size_t> send_many(std::span<const std::byte> content, std::size_t size, const net_address& to) {
        STREAMHOST_ASSERT(size > 0 && !content.empty());
        if (closed_) return errc::draining;
        const auto sent = port_->send_many(content, size, to);
        const auto count = [&](std::size_t bytes) { return (bytes + size - 1) / size; };
        count_sent_.add(sent ? count(*sent) : 0);
        count_unsent_.add(count(content.size()) - (sent ? count(*sent) : 0));
        return sent;
    }

    awaitable<void> wait_for_room(duration limit) { return port_->wait_for_room(limit); }

    void close() {
        closed_ = true;
        port_->cancel();
    }

    const datagram_port& port() const noexcept { return *port_; }

private:
    bool ended() const { return closed_ || drain_.draining(); }

    /// The kernel lets only the peer through to a socket that was dialled.
    bool may_send(arrival& came) {
        came.allowed = !port_->remote.host.empty() || admission_.allows(came.peer);
        if (came.allowed || from_ == datagram_peers::everybody) return true;
        admission_.refuse(came.peer);
        count_refused_.add();
        return false;
    }

    std::unique_ptr<datagram_port> port_;
    drain_state& drain_;
    datagram_peers from_;
    bool closed_ = false;
    admission admission_;
    drain_state::watch on_drain_;
    counter& count_received_;
    counter& count_refused_;
    counter& count_too_long_;
    counter& count_sent_;
    counter& count_unsent_;
};

datagram_socket::datagram_socket() noexcept = default;
datagram_socket::datagram_socket(std::unique_ptr<implementation> inner) noexcept : inner_(std::move(inner)) {}
datagram_socket::datagram_socket(datagram_socket&&) noexcept = default;
datagram_socket& datagram_socket::operator=(datagram_socket&&) noexcept = default;
datagram_socket::~datagram_socket() = default;
awaitable<result<arrival>> datagram_socket::receive(std::span<std::byte> into) { return inner_->receive(into); }
result<void> datagram_socket::send(std::span<const std::byte> content, const net_address& to) {
    return inner_->send(content, to);
}
result<std::size_t> datagram_socket::send_many(std::span<const std::byte> content, std::size_t size,
                                               const net_address& to) {
    return inner_->send_many(content, size, to);
}
awaitable<void> datagram_socket::wait_for_room(duration limit) { return inner_->wait_for_room(limit); }
const net_address& datagram_socket::local() const noexcept { return inner_->port().local; }
const net_address& datagram_socket::remote() const noexcept { return inner_->port().remote; }
void datagram_socket::close() { inner_->close(); }

datagram_socket make_datagram_socket(const instance_network_parts& parts, std::unique_ptr<datagram_port> port,
                                     datagram_peers from) {
    return datagram_socket(std::make_unique<datagram_socket::implementation>(parts, std::move(port), from));
}

}  // namespace streamhost
