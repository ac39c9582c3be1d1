#include "request_rules.hpp"

#include <streamhost/wire/utf8.hpp>

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace streamhost::web {
namespace {

constexpr auto none = std::string_view::npos;

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower;
}

bool is_port(std::string_view text) {
    int port = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
    return code == std::errc{} && end == text.data() + text.size() && text.size() <= 5 && port > 0 && port <= 0xFFFF;
}

/// "[::1]:8080" and "robot:8080" without the port; nothing where it is neither.
std::optional<std::string> name_in(std::string_view host) {
    auto name = host;
    const auto bracket = host.starts_with('[') ? host.find(']') : none;
    if (host.starts_with('[') && bracket == none) return std::nullopt;
    const auto colon = host.find(':', bracket == none ? 0 : bracket);
    if (colon != none) {
        if (!is_port(host.substr(colon + 1))) return std::nullopt;
        name = host.substr(0, colon);
    }
    if (bracket != none && bracket + 1 != name.size()) return std::nullopt;
    if (name.ends_with('.')) name.remove_suffix(1);  // the root's dot
    if (name.empty()) return std::nullopt;
    return lower_case(name);
}

std::string_view without_end(std::string_view text, std::string_view end) {
    return text.ends_with(end) ? text.substr(0, text.size() - end.size()) : text;
}

bool is_number(std::string_view name) {
    boost::system::error_code code;
    if (name.starts_with('[')) {
        boost::asio::ip::make_address_v6(std::string(name.substr(1, name.size() - 2)), code);
    } else {
        boost::asio::ip::make_address_v4(std::string(name), code);
    }
    return !code;
}

}  // namespace

std::optional<std::string> decode_component(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        int value = 0;
        const auto digits = text.substr(std::min(i + 1, text.size()), 2);
        const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() != 2 || code != std::errc{} || end != digits.data() + 2 || value <= 0) return std::nullopt;
        decoded += static_cast<char>(value);
        i += 2;
    }
    if (!utf8::is_valid(decoded)) return std::nullopt;
    return decoded;
}

std::optional<target_parts> split_target(std::string_view target) {
    target_parts parts;
    const auto question = target.find('?');
    parts.path = target.substr(0, question);
    auto query = question == none ? std::string_view() : target.substr(question + 1);
    while (!query.empty()) {
        const auto item = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(item.size() + 1, query.size()));
        const auto equals = item.find('=');
        auto name = decode_component(item.substr(0, equals));
        auto value = decode_component(equals == none ? std::string_view() : item.substr(equals + 1));
        if (!name || !value) return std::nullopt;
        parts.query.emplace(std::move(*name), std::move(*value));
    }
    return parts;
}

bool is_own_host(std::string_view host, std::string_view machine_name, const std::vector<std::string>& others) {
    const auto name = name_in(host);
    if (!name) return false;
    const auto own = lower_case(machine_name);
    if (*name == "localhost" || is_number(*name)) return true;
    if (!own.empty() && (*name == own || *name == own + ".local")) return true;
    return std::ranges::any_of(others, [&](const auto& other) { return *name == lower_case(other); });
}

bool is_same_origin(std::string_view origin, std::string_view host) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!origin.starts_with(scheme)) continue;
        const auto from = lower_case(origin.substr(scheme.size())), to = lower_case(host);
        // The port that a scheme means by itself may be left out.
        const std::string_view usual = scheme == "http://" ? ":80" : ":443";
        return !from.empty() && without_end(from, usual) == without_end(to, usual);
    }
    return false;
}

bool is_loopback(const net_address& peer) {
    boost::system::error_code code;
    const auto address = boost::asio::ip::make_address(peer.host, code);
    if (code) return false;
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6()).is_loopback();
    }
    return address.is_loopback();
}

}  // namespace streamhost::web
