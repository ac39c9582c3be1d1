#include "topology/module_docs.hpp"
#include "topology/setting_schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace streamhost {
namespace {

namespace json = boost::json;

std::string_view kind_name(setting_kind kind) {
    switch (kind) {
        case setting_kind::boolean: return "boolean";
        case setting_kind::integer: return "integer";
        case setting_kind::number: return "number";
        case setting_kind::text: return "text";
        case setting_kind::duration: return "duration";
        case setting_kind::text_list: return "list of text";
        case setting_kind::text_map: return "object of text";
        case setting_kind::choice: return "choice";
        case setting_kind::text_or_integer: return "text or integer";
    }
    return "unknown";
}

void add_range(json::object& object, const setting_info& setting) {
    if (setting.minimum) object["minimum"] = number_value(*setting.minimum);
    if (setting.maximum) object["maximum"] = number_value(*setting.maximum);
}

json::object setting_json(const setting_info& setting) {
    json::object object{{"name", setting.name},
                        {"help", setting.help},
                        {"kind", kind_name(setting.kind)},
                        {"default", setting.default_value},
                        {"required", setting.required},
                        {"exclusive", !setting.exclusive.empty()},
                        {"live", setting.live}};
    add_range(object, setting);
    const bool duration = setting.kind == setting_kind::duration;
    if (duration || !setting.unit.empty()) object["unit"] = duration ? "ms" : setting.unit;
    if (!setting.choices.empty()) {
        json::array choices;
        for (const auto& choice : setting.choices) choices.emplace_back(choice);
        object["choices"] = std::move(choices);
    }
    return object;
}

json::array ports_json(const std::vector<port_info>& ports) {
    json::array array;
    for (const auto& port : ports) {
        const auto type = port.any ? std::string_view("any") : port.type->name;
        array.push_back(json::object{{"name", port.name},
                                     {"help", port.help},
                                     {"type", type},
                                     {"many", port.many},
                                     {"required", port.required}});
    }
    return array;
}

/// Whether instances of the type may have the key.
bool takes(const module_info& info, std::string_view key) {
    if (key == "viewers") return info.serves_viewers;
    if (key == "limits") return info.listens || info.dials;
    return key != "allow" || info.listens;
}

}  // namespace

json::object entry_schema(const module_info& info, const std::function<json::object(std::string_view)>& host_key) {
    json::object properties{{"type", json::object{{"const", info.type}}}};
    json::array required{"type"};
    for (const auto& setting : info.settings) {
        properties[setting.name] = setting_schema(setting);
        if (setting.required) required.emplace_back(setting.name);
    }
    for (const auto key : instance_key_names()) {
        if (takes(info, key)) properties[key] = host_key(key);
    }
    return {{"type", "object"},
            {"description", info.help},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}};
}

json::object describe_json(const module_info& info) {
    json::array settings;
    for (const auto& setting : info.settings) settings.push_back(setting_json(setting));
    json::array claims;
    for (const auto& claim : info.claims) claims.emplace_back(claim);
    return {{"type", info.type},
            {"help", info.help},
            {"settings", settings},
            {"inputs", ports_json(info.ports.inputs)},
            {"outputs", ports_json(info.ports.outputs)},
            {"serves_viewers", info.serves_viewers},
            {"listens", info.listens},
            {"dials", info.dials},
            {"capture", info.capture},
            {"claims", claims},
            {"schema", entry_schema(info, host_key_schema)}};
}

namespace {

void print(std::string& text, const json::value& value, std::size_t depth) {
    const std::string inner(2 * (depth + 1), ' ');
    const std::string outer(2 * depth, ' ');
    const char* separator = "";
    if (value.is_array() && !value.as_array().empty()) {
        text += "[\n";
        for (const auto& element : value.as_array()) {
            text += separator + inner;
            print(text, element, depth + 1);
            separator = ",\n";
        }
        text += "\n" + outer + "]";
    } else if (value.is_object() && !value.as_object().empty()) {
        text += "{\n";
        for (const auto& member : value.as_object()) {
            text += separator + inner + json::serialize(member.key()) + ": ";
            print(text, member.value(), depth + 1);
            separator = ",\n";
        }
        text += "\n" + outer + "}";
    } else {
        text += json::serialize(value);
    }
}

}  // namespace

std::string pretty(const json::value& value) {
    std::string text;
    print(text, value, 0);
    return text + "\n";
}

}  // namespace streamhost
