#include "net/address_book.hpp"

#include <algorithm>

namespace streamhost {
namespace {

/// One of the sockets that nobody holds a lease of, else what `bind` makes.
template <class Socket, class Bind>
result<std::shared_ptr<Socket>> free_or_new(std::vector<std::shared_ptr<Socket>>& sockets, Bind bind) {
    // Only the instance's own lane leases its sockets, so nobody can take or give one back meanwhile.
    const auto free = std::ranges::find_if(sockets, [](const auto& each) { return each.use_count() == 1; });
    if (free != sockets.end()) return *free;
    auto bound = bind();
    if (bound) sockets.push_back(*bound);
    return bound;
}

}  // namespace

result<std::shared_ptr<listening_socket>> address_book::lease(const std::string& instance, const std::string& address,
                                                              const net_address& number) {
    const std::lock_guard lock(mutex_);
    return free_or_new(listening_[{instance, address}], [&] { return net_.bind(number); });
}

result<std::shared_ptr<bound_datagrams>> address_book::lease_datagrams(const std::string& instance,
                                                                       const std::string& address,
                                                                       const net_address& number) {
    const std::lock_guard lock(mutex_);
    return free_or_new(datagrams_[{instance, address}], [&] { return net_.bind_datagrams(number); });
}

void address_book::release(const std::string& instance) {
    const std::lock_guard lock(mutex_);
    const auto is_of_instance = [&](const auto& each) { return each.first.first == instance; };
    std::erase_if(listening_, is_of_instance);
    std::erase_if(datagrams_, is_of_instance);
}

std::vector<address_book::entry> address_book::entries() const {
    const std::lock_guard lock(mutex_);
    std::vector<entry> all;
    const auto add = [&all](const auto& kind) {
        for (const auto& [key, sockets] : kind) {
            for (const auto& each : sockets) all.push_back({key.first, key.second, each->local()});
        }
    };
    add(listening_);
    add(datagrams_);
    return all;
}

}  // namespace streamhost
