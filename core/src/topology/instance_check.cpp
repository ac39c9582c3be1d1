#include "topology/address_text.hpp"
#include "topology/draft.hpp"
#include "topology/host_keys.hpp"
#include "topology/settings_check.hpp"
#include "topology/suggestion.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace streamhost {
namespace {

/// The file with the token that peers have to know.
constexpr std::string_view auth_key = "auth";

const module_info* find_type(const draft& draft, const topology_instance& instance, const std::string& path) {
    if (instance.type.empty()) return nullptr;
    const auto type_path = path_to(path, "type");
    try {
        if (const auto* info = draft.types.find(instance.type)) return info;
        draft.problems.add(instance.type_where, type_path,
                           fmt::format("unknown module type {}{}", quoted(instance.type),
                                       did_you_mean(instance.type, draft.types.types)));
    } catch (const configuration_error& refused) {
        draft.problems.add(instance.type_where, type_path, refused.what());
    }
    return nullptr;
}

void check_listener_keys(const draft& draft, const topology_instance& instance, const module_info& info,
                         const std::string& path) {
    for (const auto& [key, where] : instance.listener_keys) {
        std::string_view why;
        if (key == "viewers" && !info.serves_viewers) why = "serves no viewers";
        if (key == "allow" && !info.listens) why = "does not listen, so nobody connects to it";
        if (key == "limits" && !info.listens && !info.dials) why = "has no connections, so there is nothing to limit";
        if (!why.empty()) draft.problems.add(where, path_to(path, key), fmt::format("{} {}", info.type, why));
    }
}

place place_of(const topology_instance& instance, std::string_view setting) {
    const auto* member = instance.settings.find(setting);
    return member != nullptr ? member->value.where : instance.where;
}

bool has_setting(const module_info& info, std::string_view name) {
    return std::ranges::find(info.settings, name, &setting_info::name) != info.settings.end();
}

/// Not all servers can ask for a token: those that can have `auth` among their settings.
void check_auth(const draft& draft, const topology_instance& instance, const module_info& info, const std::string& path) {
    const auto* const given = instance.settings.find(auth_key);
    if (given == nullptr || has_setting(info, auth_key)) return;
    draft.problems.add(given->key_where, path_to(path, auth_key),
                       fmt::format("{} takes no `auth`; say which networks may connect with `allow`", info.type));
}

/// What the type itself says about settings that are right one by one, and its ports.
void ask_type(const draft& draft, const topology_instance& source, plan_instance& instance, const std::string& path) {
    try {
        if (instance.info->check) instance.info->check(instance.settings);
        if (instance.info->ports_for) instance.ports = instance.info->ports_for(instance.settings);
    } catch (const setting_error& refused) {
        draft.problems.add(place_of(source, refused.setting()), path_to(path, refused.setting()), refused.what());
    } catch (const configuration_error& refused) {
        draft.problems.add(source.where, path, refused.what());
    }
}

plan_instance instance_of(draft& draft, std::size_t index) {
    const auto& source = draft.source.instances[index];
    const auto path = draft.path_of(index);
    plan_instance instance;
    instance.name = source.name;
    instance.info = find_type(draft, source, path);
    instance.lane = source.lane;
    instance.restart = source.restart;
    instance.optional = source.optional;
    instance.essential = source.essential;
    instance.viewers = source.viewers;
    instance.limits = source.limits;
    instance.allow = source.allow;
    instance.log_level = source.log_level;
    if (instance.info == nullptr) return instance;
    // Ports that depend on settings are not known while these are wrong.
    if (!instance.info->ports_for) instance.ports = instance.info->ports;
    check_listener_keys(draft, source, *instance.info, path);
    check_auth(draft, source, *instance.info, path);
    static const auto looked_at_elsewhere = [] {
        auto keys = host_key_names();
        keys.emplace_back(auth_key);
        return keys;
    }();
    const settings_check rules{instance.info->settings, looked_at_elsewhere};
    auto checked = check_settings(source.settings, source.where, path, rules, draft.problems);
    instance.settings = std::move(checked.values);
    if (checked.complete) ask_type(draft, source, instance, path);
    return instance;
}

/// Every "host:port" of a setting.
std::vector<std::string> texts_of(const boost::json::value& value) {
    std::vector<std::string> texts;
    if (value.is_string()) texts.emplace_back(value.as_string());
    if (value.is_array()) {
        for (const auto& element : value.as_array()) texts.emplace_back(element.as_string());
    }
    return texts;
}

/// A value that names nothing in particular, so that any number of instances may have it.
bool is_nothing(const setting_info& setting, const boost::json::value& value) {
    if (value.is_null() || (value.is_string() && value.as_string().empty())) return true;
    if (setting.address != address_role::listen || !value.is_string()) return false;
    const auto address = parse_host_and_port(std::string(value.as_string()));
    return address && address->port == 0;
}

bool asks_for_token(const plan_instance& instance) {
    if (!has_setting(*instance.info, auth_key)) return false;
    const auto* const value = instance.settings.if_contains(auth_key);
    return value != nullptr && value->is_string() && !value->get_string().empty();
}

}  // namespace

void check_instances(draft& draft) {
    draft.link_trouble.assign(draft.source.instances.size(), false);
    for (std::size_t i = 0; i < draft.source.instances.size(); ++i)
        draft.result.instances.push_back(instance_of(draft, i));
}

void check_exclusive(draft& draft) {
    std::map<std::pair<std::string, std::string>, std::size_t> holders;
    const auto claim = [&](std::size_t index, std::pair<std::string, std::string> thing, place where,
                           const std::string& path, const std::string& what) {
        const auto [holder, is_new] = holders.emplace(std::move(thing), index);
        if (is_new) return;
        draft.problems.add(where, path,
                           fmt::format("{} is already held by `{}`, and only one instance may hold it", what,
                                       draft.result.instances[holder->second].name));
    };
    for (std::size_t i = 0; i < draft.result.instances.size(); ++i) {
        const auto& instance = draft.result.instances[i];
        const auto& source = draft.source.instances[i];
        if (instance.info == nullptr) continue;
        for (const auto& resource : instance.info->claims) {
            claim(i, {"", resource}, source.where, draft.path_of(i), fmt::format("the {}", resource));
        }
        for (const auto& setting : instance.info->settings) {
            const auto* value = instance.settings.if_contains(setting.name);
            if (setting.exclusive.empty() || value == nullptr || is_nothing(setting, *value)) continue;
            const auto text = boost::json::serialize(*value);
            const auto shown = value->is_string() ? quoted(std::string(value->as_string())) : text;
            claim(i, {setting.exclusive, text}, place_of(source, setting.name), path_to(draft.path_of(i), setting.name),
                  shown);
        }
    }
}

void check_listeners(draft& draft) {
    for (std::size_t i = 0; i < draft.result.instances.size(); ++i) {
        const auto& instance = draft.result.instances[i];
        if (instance.info == nullptr || !instance.allow.empty() || asks_for_token(instance)) continue;
        const auto or_auth = has_setting(*instance.info, auth_key) ? ", or \"auth\": a file with a token" : "";
        for (const auto& setting : instance.info->settings) {
            if (setting.address != address_role::listen) continue;
            for (const auto& text : texts_of(instance.settings.at(setting.name))) {
                const auto address = parse_host_and_port(text);
                if (!address || is_loopback(address->host)) continue;
                draft.problems.add(
                    place_of(draft.source.instances[i], setting.name), path_to(draft.path_of(i), setting.name),
                    fmt::format("{} can be reached from other machines; say which may connect: add \"allow\": [\"{}\"]{}",
                                quoted(text), likely_network(address->host), or_auth));
            }
        }
    }
}

}  // namespace streamhost
