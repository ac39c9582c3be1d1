#include "topology/setting_schema.hpp"

#include "topology/host_keys.hpp"

#include <streamhost/assert.hpp>

#include <boost/json/array.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace streamhost {
namespace {

namespace json = boost::json;

constexpr std::string_view duration_pattern = "^[0-9]+(\\.[0-9]+)? ?(ns|us|ms|s|min|h)$|\\$\\{.+\\}";

void add_range(json::object& schema, const setting_info& setting) {
    const bool whole = setting.kind == setting_kind::integer || setting.kind == setting_kind::text_or_integer;
    if (setting.minimum) schema["minimum"] = number_value(*setting.minimum);
    else if (whole && setting.lowest > std::numeric_limits<std::int64_t>::min()) schema["minimum"] = setting.lowest;
    if (setting.maximum) schema["maximum"] = number_value(*setting.maximum);
    else if (whole && setting.highest < std::numeric_limits<std::int64_t>::max()) schema["maximum"] = setting.highest;
}

/// Values of `type`, or a text of `pattern`.
json::object typed_or_text(std::string_view type, std::string_view pattern) {
    return {{"type", json::array{type, "string"}}, {"pattern", pattern}};
}

json::object one_of(const std::vector<std::string>& texts, bool nullable = false) {
    json::array names;
    for (const auto& text : texts) names.emplace_back(text);
    if (nullable) names.emplace_back(nullptr);
    return {{"anyOf", json::array{json::object{{"enum", std::move(names)}},
                                  json::object{{"type", "string"}, {"pattern", variable_pattern}}}}};
}

json::object kind_schema(const setting_info& setting) {
    switch (setting.kind) {
        case setting_kind::boolean: return typed_or_text("boolean", variable_pattern);
        case setting_kind::integer: return typed_or_text("integer", variable_pattern);
        case setting_kind::number: return typed_or_text("number", variable_pattern);
        case setting_kind::duration: return typed_or_text("number", duration_pattern);
        case setting_kind::text_or_integer: return {{"type", json::array{"integer", "string"}}};
        case setting_kind::text: return {{"type", json::array{"string"}}};
        case setting_kind::text_list: {
            auto schema = typed_or_text("array", variable_pattern);
            schema["items"] = json::object{{"type", "string"}};
            return schema;
        }
        case setting_kind::text_map: {
            auto schema = typed_or_text("object", variable_pattern);
            schema["additionalProperties"] = json::object{{"type", "string"}};
            return schema;
        }
        case setting_kind::choice: break;
    }
    return one_of(setting.choices, setting.nullable);
}

json::object described(std::string_view help, json::object schema) {
    json::object result{{"description", help}};
    for (auto& member : schema) result[member.key()] = std::move(member.value());
    return result;
}

/// An object, or the text that stands for its first key.
json::object short_form(std::string_view help, const std::vector<setting_info>& settings) {
    json::array forms{setting_schema(settings.front()), object_schema(settings)};
    return described(help, {{"anyOf", std::move(forms)}});
}

json::object viewers_key() {
    auto schema = object_schema(viewers_schema().settings);
    schema["properties"].as_object()["queue"] = host_key_schema("queue");
    return described("of a server's viewers", std::move(schema));
}

/// A list of networks, or the only one of it.
json::object allow_key() {
    return {{"description", "networks whose peers may connect, such as [\"192.168.1.0/24\"]; none: this machine only"},
            {"type", json::array{"array", "string"}},
            {"items", json::object{{"type", "string"}}}};
}

}  // namespace

json::value number_value(double number) {
    constexpr double exact = 9e15;
    if (number == std::floor(number) && std::abs(number) < exact) return static_cast<std::int64_t>(number);
    return number;
}

json::object setting_schema(const setting_info& setting) {
    auto schema = described(setting.help, kind_schema(setting));
    if (setting.nullable && schema.contains("type")) schema["type"].as_array().emplace_back("null");
    if (setting.kind == setting_kind::text && setting.required) schema["minLength"] = 1;
    add_range(schema, setting);
    if (!setting.default_value.is_null()) schema["default"] = setting.default_value;
    return schema;
}

json::object object_schema(const std::vector<setting_info>& settings) {
    json::object properties;
    json::array required;
    for (const auto& setting : settings) {
        properties[setting.name] = setting_schema(setting);
        if (setting.required) required.emplace_back(setting.name);
    }
    json::object schema = typed_or_text("object", variable_pattern);
    schema["properties"] = std::move(properties);
    if (!required.empty()) schema["required"] = std::move(required);
    schema["additionalProperties"] = false;
    return schema;
}

const std::vector<std::string_view>& instance_key_names() {
    static const std::vector<std::string_view> names{"lane",    "restart", "optional", "essential", "queue",
                                                     "viewers", "limits",  "allow",    "log"};
    return names;
}

json::object host_key_schema(std::string_view key) {
    if (key == "lane") {
        return {{"description", "name of the thread that runs it; `default` where none is named"},
                {"type", "string"},
                {"pattern", name_pattern}};
    }
    if (key == "restart") return short_form("when it is made again after a failure", restart_schema().settings);
    const auto flag = typed_or_text("boolean", variable_pattern);
    if (key == "optional") return described("the host starts without it where it cannot be had", flag);
    if (key == "essential") return described("the host ends where it has failed for good", flag);
    if (key == "queue") return short_form("of the links to it", queue_schema().settings);
    if (key == "viewers") return viewers_key();
    if (key == "limits") return described("of its sessions", object_schema(limits_schema().settings));
    if (key == "allow") return allow_key();
    STREAMHOST_ASSERT(key == "log");
    return described("the least level of its log lines", one_of(log_levels()));
}

}  // namespace streamhost
