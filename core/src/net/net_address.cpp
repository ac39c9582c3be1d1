#include <streamhost/net.hpp>

#include <charconv>

namespace streamhost {

result<net_address> net_address::parse(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == text.npos || colon == 0) return errc::malformed;
    auto host = text.substr(0, colon);
    const auto digits = text.substr(colon + 1);
    if (host.front() == '[') {
        if (host.back() != ']' || host.size() < 3) return errc::malformed;
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != host.npos) {
        return errc::malformed;  // an IPv6 number needs its brackets: where would the port begin?
    }
    std::uint16_t port = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (code != std::errc{} || end != digits.data() + digits.size()) return errc::malformed;
    return net_address{std::string(host), port};
}

std::string net_address::to_string() const {
    const bool brackets = host.find(':') != host.npos;
    return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace streamhost
