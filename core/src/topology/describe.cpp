#include "topology/settings_check.hpp"
#include "topology/topology.hpp"

#include <streamhost/describe.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace streamhost::detail {
namespace {

/// "video.capture": at least two names with dots between them.
bool is_type_name(std::string_view text) {
    if (text.size() > 128 || text.find('.') == std::string_view::npos) return false;
    while (true) {
        const auto dot = text.find('.');
        if (!is_name(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

void refuse(const module_info& info, const std::string& text) {
    throw configuration_error(
        fmt::format("the description of {} is wrong: {}", info.type.empty() ? "a module" : info.type, text));
}

located_value located(const boost::json::value& value) {
    located_value result;
    result.kind = value.kind();
    if (value.is_array()) {
        for (const auto& element : value.as_array()) result.elements.push_back(located(element));
    } else if (value.is_object()) {
        for (const auto& member : value.as_object()) {
            result.members.push_back({std::string(member.key()), {}, located(member.value())});
        }
    } else {
        result.scalar = value;
    }
    return result;
}

void validate_setting(const module_info& info, const setting_info& setting) {
    if (!is_name(setting.name)) refuse(info, fmt::format("`{}` is no name for a setting", setting.name));
    if (is_host_key(setting.name)) refuse(info, fmt::format("the key `{}` belongs to the host", setting.name));
    if (setting.help.empty()) refuse(info, fmt::format("the setting `{}` has no help", setting.name));
    if (setting.kind == setting_kind::choice && setting.choices.empty()) {
        refuse(info, fmt::format("the setting `{}` is an enumeration without `one_of`", setting.name));
    }
    if (setting.minimum && setting.maximum && *setting.minimum > *setting.maximum) {
        refuse(info, fmt::format("the range of `{}` is upside down", setting.name));
    }
    if (setting.live && !info.reconfigure && info.factory) {
        refuse(info, fmt::format("the setting `{}` is live, but the type has no reconfigure(settings)", setting.name));
    }
    if (setting.required) return;
    problem_list problems;
    if (!check_setting(setting, located(setting.default_value), "", problems)) {
        refuse(info, fmt::format("the default of `{}`, {}, is not {}", setting.name,
                                 boost::json::serialize(setting.default_value), expected(setting)));
    }
}

void validate_ports(const module_info& info, const std::vector<port_info>& ports, std::string_view side) {
    std::set<std::string_view> seen;
    for (const auto& port : ports) {
        if (!is_name(port.name)) refuse(info, fmt::format("`{}` is no name for an {}", port.name, side));
        if (port.help.empty()) refuse(info, fmt::format("the {} `{}` has no help", side, port.name));
        if (!seen.insert(port.name).second) refuse(info, fmt::format("the {} `{}` is there twice", side, port.name));
    }
}

}  // namespace

void validate(const module_info& info) {
    if (!is_type_name(info.type)) refuse(info, "the type is not \"family.name\" of a-z, 0-9, `_` and `-`");
    if (info.help.empty()) refuse(info, "it has no help");
    std::set<std::string_view> seen;
    for (const auto& setting : info.settings) {
        validate_setting(info, setting);
        if (!seen.insert(setting.name).second)
            refuse(info, fmt::format("the setting `{}` is there twice", setting.name));
    }
    validate_ports(info, info.ports.inputs, "input");
    validate_ports(info, info.ports.outputs, "output");
}

}  // namespace streamhost::detail
