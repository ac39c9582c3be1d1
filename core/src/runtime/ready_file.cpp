#include "runtime/ready_file.hpp"

#include <streamhost/result.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace streamhost {

void write_ready_file(const std::string& path, const host_snapshot& now) {
    boost::json::array addresses;
    for (const auto& each : now.addresses) {
        addresses.push_back({{"instance", each.instance}, {"address", each.address}, {"bound", each.bound}});
    }
    const boost::json::object content{{"pid", ::getpid()}, {"name", now.name}, {"addresses", std::move(addresses)}};
    const auto draft = path + ".draft";
    std::error_code code;
    std::ofstream file(draft, std::ios::trunc);
    file << boost::json::serialize(content) << '\n' << std::flush;
    if (!file) code.assign(errno, std::generic_category());
    file.close();
    if (!code) std::filesystem::rename(draft, path, code);
    if (code) throw configuration_error(fmt::format("cannot write the ready file {}: {}", path, code.message()));
}

void notify_service_manager(const std::string& state) {
    const char* const name = std::getenv("NOTIFY_SOCKET");
    if (name == nullptr) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto length = std::strlen(name);
    if (length == 0 || length >= sizeof address.sun_path) return;
    std::memcpy(address.sun_path, name, length);
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // an abstract socket
    const int handle = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (handle < 0) return;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    // Without a listener there is nobody to tell.
    (void)::sendto(handle, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&address), size);
    ::close(handle);
}

}  // namespace streamhost
