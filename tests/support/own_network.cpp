#include "support/own_network.hpp"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace streamhost::test {
namespace {

/// A new network has its loopback interface down.
void raise_loopback() {
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    const bool read = socket >= 0 && ::ioctl(socket, SIOCGIFFLAGS, &request) == 0;
    request.ifr_flags |= IFF_UP;
    const bool raised = read && ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
    if (socket >= 0) ::close(socket);
    if (!raised) throw std::runtime_error("the loopback interface of the new network stays down");
}

}  // namespace

std::string enter_own_network() {
    // Who is not root may make a network where he is: in a namespace of users of his own (user_namespaces(7)).
    if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return std::strerror(errno);
    raise_loopback();
    return {};
}

}  // namespace streamhost::test
