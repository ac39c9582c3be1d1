#include "net/address_book.hpp"

namespace streamhost {

result<std::shared_ptr<listening_socket>> address_book::lease(const std::string& instance, const std::string& address,
                                                              const net_address& number) {
    const std::lock_guard lock(mutex_);
    auto& socket = sockets_[{instance, address}];
    if (!socket) {
        auto bound = net_.bind(number);
        if (!bound) {
            sockets_.erase({instance, address});
            return bound.error();
        }
        socket = std::move(*bound);
    }
    return socket;
}

void address_book::release(const std::string& instance) {
    const std::lock_guard lock(mutex_);
    std::erase_if(sockets_, [&](const auto& each) { return each.first.first == instance; });
}

std::vector<address_book::entry> address_book::entries() const {
    const std::lock_guard lock(mutex_);
    std::vector<entry> all;
    for (const auto& [key, socket] : sockets_) all.push_back({key.first, key.second, socket->local()});
    return all;
}

}  // namespace streamhost
