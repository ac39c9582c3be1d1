#pragma once

#include <streamhost/net.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What is asked of a request before anything is done for it. Pure functions.
namespace streamhost::web {

/// The two parts of a target such as "/ws/media?streams=camera,mic".
struct target_parts {
    std::string path;
    std::map<std::string, std::string, std::less<>> query;  ///< decoded; of equal names the first counts
};
/// Nothing where an escape in the query is broken. The path stays as it is: no path of ours needs an escape.
std::optional<target_parts> split_target(std::string_view target);

/// "a%20b+c" as forms and queries write it; nothing where it is broken, or holds a NUL or no UTF-8.
std::optional<std::string> decode_component(std::string_view text);

/// Whether a Host header names this machine: by number, as `localhost`, by its own name with or without ".local", or by
/// one of `others`. A page of a foreign name that resolves to us says that name.
bool is_own_host(std::string_view host, std::string_view machine_name, const std::vector<std::string>& others);

/// Whether a page of that Origin is ours: the same name and port as Host, over HTTP or, behind a proxy, HTTPS.
bool is_same_origin(std::string_view origin, std::string_view host);

/// Whether the peer is on this machine.
bool is_loopback(const net_address& peer);

}  // namespace streamhost::web
