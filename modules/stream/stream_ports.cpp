#include "stream_ports.hpp"

#include <streamhost/describe.hpp>
#include <streamhost/framed_types.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace streamhost::stream_family {
namespace {

/// As a port is named in a link, which a dot would end.
bool is_stream_name(std::string_view name) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
    return !name.empty() && name.size() <= framed::max_name && std::ranges::all_of(name, allowed);
}

void check_direction(const std::string& setting, const stream_map& streams) {
    if (streams.size() > framed::max_streams) {
        throw setting_error(setting, fmt::format("{} streams are more than the {} of a session", streams.size(),
                                                 framed::max_streams));
    }
    for (const auto& [name, type] : streams) {
        if (!is_stream_name(name)) {
            throw setting_error(setting, fmt::format("\"{}\" is no name for a stream: 1 to {} of a-z, 0-9, `_` and `-`",
                                                     name, framed::max_name));
        }
        if (!framed::is_name(type)) {
            throw setting_error(setting, fmt::format("\"{}\" is no name of a type: take \"record\" or another of those in "
                                                     "docs/wire.md, or a type of your own such as \"acme.scan\"",
                                                     type));
        }
    }
}

port_info port_of(const std::string& name, const std::string& type, port_direction direction) {
    port_info port;
    port.name = name;
    port.direction = direction;
    port.type = standard_type(type);
    port.any = port.type == nullptr;
    if (port.any) port.named_type = type;
    port.over_wire = true;
    port.required = direction == port_direction::input;
    port.spontaneous = direction == port_direction::output;
    port.help = direction == port_direction::input ? "goes to the other side" : "comes from the other side";
    return port;
}

}  // namespace

void check_streams(const stream_map& send, const stream_map& receive) {
    check_direction("send", send);
    check_direction("receive", receive);
    if (send.empty() && receive.empty()) {
        throw configuration_error("name at least one stream: \"send\": {\"readings\": \"record\"}, or in `receive`");
    }
}

module_ports ports_of(const stream_map& send, const stream_map& receive) {
    port_list ports;
    for (const auto& [name, type] : send) ports.add(port_of(name, type, port_direction::input));
    for (const auto& [name, type] : receive) ports.add(port_of(name, type, port_direction::output));
    return ports;
}

}  // namespace streamhost::stream_family
