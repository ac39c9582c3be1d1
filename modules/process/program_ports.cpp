#include "program_ports.hpp"

#include <streamhost/describe.hpp>
#include <streamhost/framed_types.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace streamhost::process {
namespace {

constexpr std::size_t most_ports = 32;
constexpr std::size_t longest_name = 64;

/// As a port is named in a link, which a dot would end.
bool is_port_name(std::string_view name) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
    return !name.empty() && name.size() <= longest_name && std::ranges::all_of(name, allowed);
}

port_info port_of(const std::string& name, const std::string& type, port_direction direction) {
    port_info port;
    port.name = name;
    port.direction = direction;
    port.type = standard_type(type);
    port.required = direction == port_direction::input;
    port.help = direction == port_direction::input ? "goes to the program" : "comes from the program";
    return port;
}

}  // namespace

bool fits_into_line(const message_type& type) noexcept { return type == type_of<record>() || type == type_of<text>(); }

void check_types(const std::string& setting, const port_types& types) {
    if (types.size() > most_ports) {
        throw setting_error(setting, fmt::format("{} ports are more than {}", types.size(), most_ports));
    }
    for (const auto& [name, type] : types) {
        if (!is_port_name(name)) {
            throw setting_error(setting, fmt::format("\"{}\" is no name for a port: 1 to {} of a-z, 0-9, `_` and `-`", name,
                                                     longest_name));
        }
        if (standard_type(type) == nullptr) {
            throw setting_error(setting, fmt::format("\"{}\" is no type that a program can be told: take record, text, "
                                                     "encoded_image, video_frame, audio_block or bytes",
                                                     type));
        }
    }
}

void check_form(const std::string& setting, form_choice form, const port_types& types) {
    if (form != form_choice::lines) return;
    for (const auto& [name, type] : types) {
        if (fits_into_line(*standard_type(type))) continue;
        throw setting_error(setting, fmt::format("`{}` is {}, which no line of JSON holds: take \"frames\" or \"auto\"",
                                                 name, type));
    }
}

port_table table_of(const port_types& types) {
    port_table table;
    for (const auto& [name, type] : types) table.push_back({name, standard_type(type)});
    return table;
}

message_form form_of(form_choice choice, const port_table& ports) noexcept {
    if (choice == form_choice::frames) return message_form::frames;
    const bool all_fit = std::ranges::all_of(ports, [](const auto& port) { return fits_into_line(*port.type); });
    return all_fit ? message_form::lines : message_form::frames;
}

module_ports ports_of(const port_types& inputs, const port_types& outputs) {
    port_list ports;
    for (const auto& [name, type] : inputs) ports.add(port_of(name, type, port_direction::input));
    for (const auto& [name, type] : outputs) {
        auto port = port_of(name, type, port_direction::output);
        port.spontaneous = inputs.empty();
        ports.add(std::move(port));
    }
    return ports;
}

}  // namespace streamhost::process
