#include "topology/address_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include <arpa/inet.h>

namespace streamhost {
namespace {

struct address {
    int family = 0;
    std::array<std::uint8_t, 16> bytes{};

    unsigned bits() const { return family == AF_INET ? 32 : 128; }
};

std::optional<address> parse_address(std::string_view text) {
    const std::string terminated(text);
    if (terminated.size() != std::char_traits<char>::length(terminated.c_str())) return std::nullopt;
    address parsed;
    for (const int family : {AF_INET, AF_INET6}) {
        parsed.family = family;
        if (inet_pton(family, terminated.c_str(), parsed.bytes.data()) == 1) return parsed;
    }
    return std::nullopt;
}

std::string to_text(const address& address) {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    inet_ntop(address.family, address.bytes.data(), buffer.data(), buffer.size());
    return buffer.data();
}

/// Clears what lies behind the prefix; whether anything was there.
bool clear_host_bits(address& address, unsigned prefix) {
    bool cleared = false;
    for (unsigned bit = prefix; bit < address.bits(); ++bit) {
        const auto mask = static_cast<std::uint8_t>(0x80u >> (bit % 8));
        cleared = cleared || (address.bytes[bit / 8] & mask) != 0;
        address.bytes[bit / 8] = static_cast<std::uint8_t>(address.bytes[bit / 8] & ~mask);
    }
    return cleared;
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
    Number number{};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

bool is_host_name(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_';
    };
    return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

std::optional<host_and_port> parse_host_and_port(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = whole_number<std::uint16_t>(text.substr(colon + 1));
    auto host = text.substr(0, colon);
    if (!port) return std::nullopt;
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        const auto parsed = parse_address(host);
        if (!parsed || parsed->family != AF_INET6) return std::nullopt;
    } else if (!is_host_name(host)) {
        return std::nullopt;
    }
    return host_and_port{std::string(host), *port};
}

bool is_loopback(std::string_view host) {
    if (host == "localhost") return true;
    const auto parsed = parse_address(host);
    if (!parsed) return false;
    if (parsed->family == AF_INET) return parsed->bytes[0] == 127;
    return to_text(*parsed) == "::1";
}

std::optional<network_text> parse_network(std::string_view text) {
    const auto slash = text.find('/');
    auto parsed = parse_address(text.substr(0, slash));
    if (!parsed) return std::nullopt;
    unsigned prefix = parsed->bits();
    if (slash != std::string_view::npos) {
        const auto given = whole_number<unsigned>(text.substr(slash + 1));
        if (!given || *given > parsed->bits()) return std::nullopt;
        prefix = *given;
    }
    network_text network;
    network.had_host_bits = clear_host_bits(*parsed, prefix);
    network.canonical = fmt::format("{}/{}", to_text(*parsed), prefix);
    return network;
}

std::string likely_network(std::string_view host) {
    const auto parsed = parse_address(host);
    const bool anywhere =
        parsed && std::all_of(parsed->bytes.begin(), parsed->bytes.end(), [](auto b) { return b == 0; });
    if (!parsed || anywhere) return "192.168.1.0/24";
    const char* prefix = parsed->family == AF_INET ? "24" : "64";
    return parse_network(fmt::format("{}/{}", host, prefix))->canonical;
}

}  // namespace streamhost
