#include "net/address_book.hpp"

#include <algorithm>

namespace streamhost {
namespace {

/// A lease ends with its last copy; the socket itself stays with the book.
template <class Socket>
std::shared_ptr<Socket> new_lease(const std::shared_ptr<Socket>& socket) {
    return std::shared_ptr<Socket>(socket.get(), [keep = socket](Socket*) {});
}

}  // namespace

/// The socket of one who leaves and had it under the same number, or, where the kernel chose the port, under the same
/// name and text. Each is shared once by a holder.
template <class Socket>
std::shared_ptr<Socket> address_book::left_by_others(const places<Socket>& all, const tenant& by,
                                                     const std::string& address, const net_address& number) const {
    for (const auto& each : all) {
        if (!leaving_.contains(each.by.holder)) continue;
        const bool same = number.port != 0 ? each.number == number : each.by.name == by.name && each.address == address;
        const auto is_shared_already = [&](const auto& other) {
            return other.by.holder == by.holder && other.socket == each.socket;
        };
        if (same && std::ranges::none_of(all, is_shared_already)) return each.socket;
    }
    return nullptr;
}

template <class Socket, class Bind>
result<std::shared_ptr<Socket>> address_book::lease_of(places<Socket>& all, const tenant& by, const std::string& address,
                                                       const net_address& number, Bind bind) {
    const std::lock_guard lock(mutex_);
    const auto free = std::ranges::find_if(all, [&](const auto& each) {
        return each.by.holder == by.holder && each.address == address && each.lease.expired();
    });
    if (free != all.end()) {
        auto lease = new_lease(free->socket);
        free->lease = lease;
        return lease;
    }
    auto socket = left_by_others(all, by, address, number);
    if (!socket) {
        auto bound = bind();
        if (!bound) return bound;
        socket = std::move(*bound);
    }
    auto lease = new_lease(socket);
    all.push_back({by, address, number, std::move(socket), lease});
    return lease;
}

result<std::shared_ptr<listening_socket>> address_book::lease(const tenant& by, const std::string& address,
                                                              const net_address& number) {
    return lease_of(listening_, by, address, number, [&] { return net_.bind(number); });
}

result<std::shared_ptr<bound_datagrams>> address_book::lease_datagrams(const tenant& by, const std::string& address,
                                                                       const net_address& number) {
    return lease_of(datagrams_, by, address, number, [&] { return net_.bind_datagrams(number); });
}

void address_book::hand_over_from(std::set<socket_holder> leaving) {
    const std::lock_guard lock(mutex_);
    leaving_ = std::move(leaving);
}

void address_book::release(socket_holder holder) {
    const std::lock_guard lock(mutex_);
    const auto is_of_holder = [&](const auto& each) { return each.by.holder == holder; };
    std::erase_if(listening_, is_of_holder);
    std::erase_if(datagrams_, is_of_holder);
}

std::vector<address_book::entry> address_book::entries() const {
    const std::lock_guard lock(mutex_);
    std::vector<entry> all;
    const auto add = [&all](const auto& kind) {
        for (const auto& each : kind) all.push_back({each.by.name, each.address, each.socket->local()});
    };
    add(listening_);
    add(datagrams_);
    return all;
}

}  // namespace streamhost
