#include "topology/host_keys.hpp"
#include "topology/module_docs.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <cmath>

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

json::value number_value(double number) {
    constexpr double exact = 9e15;
    if (number == std::floor(number) && std::abs(number) < exact) return static_cast<std::int64_t>(number);
    return number;
}

void add_range(json::object& schema, const setting_info& setting) {
    if (setting.minimum) schema["minimum"] = number_value(*setting.minimum);
    if (setting.maximum) schema["maximum"] = number_value(*setting.maximum);
}

json::object typed(std::string_view type) { return {{"type", type}}; }

/// A text that is a variable may stand for every value.
json::object variable_schema() { return {{"type", "string"}, {"pattern", "^\\$\\{.*\\}$"}}; }

json::object duration_text_schema() {
    return {{"type", "string"}, {"pattern", "^[0-9]+(\\.[0-9]+)? ?(ns|us|ms|s|min|h)$"}};
}

json::array alternatives(const setting_info& setting) {
    json::object number = typed(
        setting.kind == setting_kind::integer || setting.kind == setting_kind::text_or_integer ? "integer" : "number");
    add_range(number, setting);
    switch (setting.kind) {
        case setting_kind::boolean: return {typed("boolean"), variable_schema()};
        case setting_kind::integer:
        case setting_kind::number: return {number, variable_schema()};
        case setting_kind::duration: return {number, duration_text_schema(), variable_schema()};
        case setting_kind::text: return {typed("string")};
        case setting_kind::text_or_integer: return {typed("string"), number};
        case setting_kind::text_list:
            return {json::object{{"type", "array"}, {"items", typed("string")}}, variable_schema()};
        case setting_kind::text_map:
            return {json::object{{"type", "object"}, {"additionalProperties", typed("string")}}, variable_schema()};
        case setting_kind::choice: break;
    }
    json::array names;
    for (const auto& choice : setting.choices) names.emplace_back(choice);
    return {json::object{{"enum", names}}, variable_schema()};
}

json::object schema_of(const setting_info& setting) {
    auto any_of = alternatives(setting);
    if (setting.nullable) any_of.push_back(typed("null"));
    json::object schema;
    if (any_of.size() == 1) schema = any_of.front().as_object();
    else schema["anyOf"] = std::move(any_of);
    schema["description"] = setting.help;
    if (!setting.default_value.is_null()) schema["default"] = setting.default_value;
    return schema;
}

json::object object_schema(const std::vector<setting_info>& settings) {
    json::object properties;
    for (const auto& setting : settings) properties[setting.name] = schema_of(setting);
    return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

/// An object, or the text that stands for its first key.
json::object short_form(const setting_info& setting, json::object object) {
    return {{"anyOf", json::array{schema_of(setting), std::move(object)}}};
}

json::object queue_schema_object() {
    return short_form(queue_schema().settings.front(), object_schema(queue_schema().settings));
}

json::object viewers_schema_object() {
    auto schema = object_schema(viewers_schema().settings);
    schema["properties"].as_object()["queue"] = queue_schema_object();
    return schema;
}

json::object log_schema() {
    json::array levels;
    for (const auto& level : log_levels()) levels.emplace_back(level);
    return {{"enum", levels}};
}

json::object list_of_texts(std::string_view help) {
    return {{"type", "array"}, {"items", typed("string")}, {"description", help}};
}

/// A list of networks, or the only one of it.
json::object networks_schema() {
    json::object networks = list_of_texts("networks that may connect");
    networks["type"] = json::array{"array", "string"};
    return networks;
}

json::object entry_schema(const module_info& info) {
    json::object properties{{"type", json::object{{"const", info.type}}}};
    json::array required{"type"};
    for (const auto& setting : info.settings) {
        properties[setting.name] = schema_of(setting);
        if (setting.required) required.emplace_back(setting.name);
    }
    properties["lane"] = typed("string");
    properties["restart"] = short_form(restart_schema().settings.front(), object_schema(restart_schema().settings));
    properties["optional"] = typed("boolean");
    properties["essential"] = typed("boolean");
    properties["queue"] = queue_schema_object();
    properties["log"] = log_schema();
    if (info.serves_viewers) properties["viewers"] = viewers_schema_object();
    if (info.listens || info.dials) properties["limits"] = object_schema(limits_schema().settings);
    if (info.listens) properties["allow"] = networks_schema();
    return {{"type", "object"},
            {"description", info.help},
            {"properties", properties},
            {"required", required},
            {"additionalProperties", false}};
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

json::object link_schema() {
    json::object object{{"type", "object"},
                        {"properties", json::object{{"path", typed("string")},
                                                    {"queue", queue_schema_object()},
                                                    {"may_block", typed("boolean")},
                                                    {"fault", object_schema(fault_schema().settings)}}},
                        {"required", json::array{"path"}},
                        {"additionalProperties", false}};
    return {{"anyOf", json::array{typed("string"), std::move(object)}}};
}

}  // namespace

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
            {"schema", entry_schema(info)}};
}

json::object topology_schema(std::span<const module_info* const> types) {
    json::array entries;
    for (const auto* info : types) entries.push_back(entry_schema(*info));
    json::object modules{{"type", "object"}, {"additionalProperties", json::object{{"oneOf", entries}}}};
    json::object properties{{"$schema", typed("string")},
                            {"name", typed("string")},
                            {"vars", typed("object")},
                            {"modules", modules},
                            {"links", json::object{{"type", "array"}, {"items", link_schema()}}},
                            {"lanes", list_of_texts("the lanes that instances may name")},
                            {"limits", object_schema(limits_schema().settings)},
                            {"allow", networks_schema()},
                            {"log", log_schema()},
                            {"watch", typed("boolean")}};
    return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
            {"type", "object"},
            {"properties", properties},
            {"required", json::array{"modules"}},
            {"additionalProperties", false}};
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
