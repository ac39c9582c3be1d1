#include "topology/host_keys.hpp"
#include "topology/module_docs.hpp"
#include "topology/setting_schema.hpp"

#include <boost/json/array.hpp>

namespace streamhost {
namespace {

namespace json = boost::json;

json::object reference(std::string_view key) { return {{"$ref", "#/definitions/" + std::string(key)}}; }

json::object text_of(std::string_view pattern, std::string_view help) {
    return {{"description", help}, {"type", "string"}, {"pattern", pattern}};
}

json::object typed(std::string_view type, std::string_view help) { return {{"description", help}, {"type", type}}; }

/// An entry of `modules`: an `if` for each type, so that an editor completes and checks what that one knows.
json::object instance_schema(std::span<const module_info* const> types) {
    json::array names, help, rules;
    for (const auto* info : types) {
        names.emplace_back(info->type);
        help.emplace_back(info->help);
        json::object is_it{{"required", json::array{"type"}},
                           {"properties", json::object{{"type", json::object{{"const", info->type}}}}}};
        rules.push_back(json::object{{"if", std::move(is_it)}, {"then", entry_schema(*info, reference)}});
    }
    // `enumDescriptions` is what VS Code shows beside the names; others ignore it.
    json::object known{{"enum", std::move(names)}, {"enumDescriptions", std::move(help)}};
    json::object variable{{"type", "string"}, {"pattern", variable_pattern}};
    json::object type{{"description", "what the instance is: `streamhost describe` lists the types"},
                      {"anyOf", json::array{std::move(known), std::move(variable)}}};
    return {{"type", json::array{"object", "string"}},
            {"pattern", variable_pattern},
            {"required", json::array{"type"}},
            {"properties", json::object{{"type", std::move(type)}}},
            {"allOf", std::move(rules)}};
}

json::object modules_schema() {
    return {{"description", "the instances: a name, and the type with its settings"},
            {"type", "object"},
            {"minProperties", 1},
            {"propertyNames", json::object{{"pattern", "^[a-z0-9_-]{1,64}$"}}},
            {"additionalProperties", reference("instance")}};
}

json::object link_schema() {
    constexpr std::string_view path_pattern = "->|\\$\\{.+\\}";
    const auto flag = json::object{{"description", "the queue may hold a capture back"},
                                   {"type", json::array{"boolean", "string"}},
                                   {"pattern", variable_pattern}};
    json::object properties{{"path", text_of(path_pattern, "\"camera.frames -> jpeg -> video\"")},
                            {"queue", reference("queue")},
                            {"may_block", flag},
                            {"fault", object_schema(fault_schema().settings)}};
    return {{"description", "\"camera.frames -> jpeg -> video\"; a port need not be named where only one pair fits"},
            {"type", json::array{"string", "object"}},
            {"pattern", path_pattern},
            {"properties", std::move(properties)},
            {"required", json::array{"path"}},
            {"additionalProperties", false}};
}

json::object list_of(json::object items, std::string_view help) {
    return {{"description", help},
            {"type", json::array{"array", "string"}},
            {"pattern", variable_pattern},
            {"items", std::move(items)}};
}

}  // namespace

json::object topology_schema(std::span<const module_info* const> types) {
    json::object definitions{{"instance", instance_schema(types)}, {"link", link_schema()}};
    for (const auto key : instance_key_names()) definitions[key] = host_key_schema(key);
    json::object properties{
        {"$schema", typed("string", "this schema, for the editor")},
        {"name", text_of(name_pattern, "of the host, for the log")},
        {"vars", typed("object", "values that people change, by --set vars.name=value; \"${name}\" is one")},
        {"modules", modules_schema()},
        {"links", list_of(reference("link"), "what goes where")},
        {"lanes", list_of(text_of(name_pattern, "a lane"), "the lanes that instances may name; without it, any")},
        {"limits", reference("limits")},
        {"allow", reference("allow")},
        {"log", reference("log")},
        {"watch", json::object{{"description", "the host takes the file's changes while it runs"},
                               {"type", json::array{"boolean", "string"}},
                               {"pattern", variable_pattern}}}};
    return {{"$schema", "http://json-schema.org/draft-07/schema#"},
            {"title", "a streamhost topology"},
            {"type", "object"},
            {"allowTrailingCommas", true},  // VS Code's
            {"properties", std::move(properties)},
            {"required", json::array{"modules"}},
            {"additionalProperties", false},
            {"definitions", std::move(definitions)}};
}

}  // namespace streamhost
