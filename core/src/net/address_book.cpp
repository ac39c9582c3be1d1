#include "net/address_book.hpp"

#include <algorithm>

namespace streamhost {

result<std::shared_ptr<listening_socket>> address_book::lease(const std::string& instance, const std::string& address,
                                                              const net_address& number) {
    const std::lock_guard lock(mutex_);
    auto& sockets = sockets_[{instance, address}];
    // Only the instance's own lane leases its sockets, so nobody can take or give one back meanwhile.
    const auto free = std::ranges::find_if(sockets, [](const auto& each) { return each.use_count() == 1; });
    if (free != sockets.end()) return *free;
    auto bound = net_.bind(number);
    if (bound) sockets.push_back(*bound);
    return bound;
}

void address_book::release(const std::string& instance) {
    const std::lock_guard lock(mutex_);
    std::erase_if(sockets_, [&](const auto& each) { return each.first.first == instance; });
}

std::vector<address_book::entry> address_book::entries() const {
    const std::lock_guard lock(mutex_);
    std::vector<entry> all;
    for (const auto& [key, sockets] : sockets_) {
        for (const auto& each : sockets) all.push_back({key.first, key.second, each->local()});
    }
    return all;
}

}  // namespace streamhost
