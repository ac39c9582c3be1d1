#include "topology/topology.hpp"

#include "topology/host_keys.hpp"
#include "topology/json_reader.hpp"
#include "topology/suggestion.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace streamhost {
namespace {

namespace json = boost::json;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::optional<link_end> parse_end(std::string_view text) {
    const auto dot = text.find('.');
    link_end end{std::string(text.substr(0, dot)), {}};
    if (dot != std::string_view::npos) end.port = text.substr(dot + 1);
    if (!is_name(end.instance) || (dot != std::string_view::npos && !is_name(end.port))) return std::nullopt;
    return end;
}

/// What the instances of a topology start from.
struct host_defaults {
    session_limits limits;
    std::vector<std::string> allow;
};

/// Reads one entry of `modules`: the host's keys one by one, the rest is left for the module type.
class instance_reader {
public:
    instance_reader(topology_instance& instance, std::string path, const host_defaults& defaults,
                    problem_list& problems)
        : instance_(instance), path_(std::move(path)), problems_(problems) {
        instance_.limits = defaults.limits;
        instance_.allow = defaults.allow;
        instance_.settings.kind = json::kind::object;
        instance_.settings.where = instance_.where;
    }

    void read(const located_value& entry, const std::vector<std::string>& names) {
        for (const auto& member : entry.members) {
            if (is_host_key(member.key)) read_host_key(member);
            else instance_.settings.members.push_back(member);
        }
        if (entry.find("type") == nullptr) report_missing_type(names);
        if (instance_.optional && instance_.essential) {
            problems_.add(entry.find("essential")->key_where, path_, "`optional` and `essential` exclude each other");
        }
    }

private:
    void read_host_key(const located_member& member) {
        const auto& [key, where, value] = member;
        const auto path = path_to(path_, key);
        if (const auto why = unavailable(key); !why.empty()) return problems_.add(where, path, why);
        if (key == "type") return read_type(value, path);
        if (key == "lane") instance_.lane = read_name(value, path, instance_.lane, problems_);
        if (key == "restart") instance_.restart = read_restart(value, path, problems_);
        if (key == "optional") instance_.optional = read_flag(value, path, problems_);
        if (key == "essential") instance_.essential = read_flag(value, path, problems_);
        if (key == "queue") instance_.queue = read_queue(value, path, problems_);
        if (key == "viewers") instance_.viewers = read_viewers(value, path, problems_);
        if (key == "limits") instance_.limits = read_limits(value, path, instance_.limits, problems_);
        if (key == "allow") instance_.allow = read_allow(value, path, problems_);
        if (key == "log") instance_.log_level = read_log_level(value, path, problems_);
        if (key == "viewers" || key == "limits" || key == "allow") instance_.listener_keys.emplace_back(key, where);
    }

    void read_type(const located_value& value, const std::string& path) {
        instance_.type_where = value.where;
        if (value.broken) return;
        if (value.is_text() && !value.text().empty()) instance_.type = value.text();
        else
            problems_.add(value.where, path,
                          fmt::format("expected a module type such as \"video.capture\", got {}", shown(value)));
    }

    /// An instance that `--set` made is most likely a misspelt one.
    void report_missing_type(const std::vector<std::string>& names) {
        const auto hint = instance_.where.set >= 0 ? did_you_mean(instance_.name, names) : std::string();
        problems_.add(instance_.where, path_,
                      "the key `type` is missing: what the instance is, such as \"video.capture\"" + hint);
    }

    topology_instance& instance_;
    std::string path_;
    problem_list& problems_;
};

class topology_reader {
public:
    topology_reader(topology& result, bool allow_faults, problem_list& problems)
        : result_(result), allow_faults_(allow_faults), problems_(problems) {}

    void read(const located_value& root) {
        report_unknown_keys(root);
        if (const auto* member = root.find("name"))
            result_.name = read_name(member->value, "name", result_.name, problems_);
        if (const auto* member = root.find("log")) result_.log_level = read_log_level(member->value, "log", problems_);
        if (const auto* member = root.find("limits")) {
            defaults_.limits = read_limits(member->value, "limits", defaults_.limits, problems_);
        }
        if (const auto* member = root.find("allow")) defaults_.allow = read_allow(member->value, "allow", problems_);
        if (const auto* member = root.find("vars"))
            expect(member->value, "vars", json::kind::object, "an object of variables");
        if (const auto* member = root.find("watch")) result_.watch = read_flag(member->value, "watch", problems_);
        read_lanes(root.find("lanes"));
        read_modules(root);
        if (const auto* member = root.find("links")) read_links(member->value);
    }

private:
    bool expect(const located_value& value, const std::string& path, json::kind kind, std::string_view what) {
        if (value.broken) return false;
        if (value.kind == kind) return true;
        problems_.add(value.where, path, fmt::format("expected {}, got {}", what, shown(value)));
        return false;
    }

    void report_unknown_keys(const located_value& root) {
        static const std::vector<std::string> known{"name",  "vars",   "modules", "links", "lanes",
                                                    "limits", "allow", "log",     "watch", "$schema"};
        for (const auto& member : root.members) {
            if (std::ranges::find(known, member.key) != known.end()) continue;
            const auto why = unavailable(member.key);
            problems_.add(member.key_where, path_to("", member.key),
                          why.empty() ? "unknown key" + did_you_mean(member.key, known) : why);
        }
    }

    void read_lanes(const located_member* member) {
        if (member == nullptr || !expect(member->value, "lanes", json::kind::array, "a list of names")) return;
        for (std::size_t i = 0; i < member->value.elements.size(); ++i) {
            auto name = read_name(member->value.elements[i], path_to("lanes", i), {}, problems_);
            if (!name.empty()) result_.lanes.push_back(std::move(name));
        }
    }

    void read_modules(const located_value& root) {
        const auto* modules = root.find("modules");
        result_.readable = modules != nullptr && modules->value.is_object();
        if (modules == nullptr) return problems_.add(root.where, {}, "the key `modules` is missing: what is to run");
        if (!expect(modules->value, "modules", json::kind::object, "an object of instances")) return;
        const auto& entries = modules->value.members;
        if (entries.empty())
            problems_.add(modules->value.where, "modules", "names no instance, so there is nothing to run");
        if (entries.size() > max_instances) {
            problems_.add(entries[max_instances].key_where, "modules",
                          fmt::format("more than {} instances", max_instances));
            result_.readable = false;
            return;
        }
        std::vector<std::string> names;
        for (const auto& entry : entries) {
            if (entry.key_where.set < 0) names.push_back(entry.key);
        }
        for (const auto& entry : entries) read_instance(entry, names);
    }

    void read_instance(const located_member& entry, const std::vector<std::string>& names) {
        const auto path = path_to("modules", entry.key);
        if (!is_name(entry.key)) {
            problems_.add(entry.key_where, path, "the name of an instance is 1 to 64 letters a-z, digits, `_` or `-`");
        }
        topology_instance instance;
        instance.name = entry.key;
        instance.where = entry.key_where;
        instance_reader reader(instance, path, defaults_, problems_);
        if (expect(entry.value, path, json::kind::object, "an object with a `type`")) reader.read(entry.value, names);
        if (!result_.lanes.empty()) check_lane(instance, entry, path);
        result_.instances.push_back(std::move(instance));
    }

    void check_lane(const topology_instance& instance, const located_member& entry, const std::string& path) {
        const auto* lane = entry.value.find("lane");
        if (lane == nullptr || instance.lane == "default" ||
            std::ranges::find(result_.lanes, instance.lane) != result_.lanes.end()) {
            return;
        }
        problems_.add(lane->value.where, path_to(path, "lane"),
                      fmt::format("{} is not among `lanes`{}", quoted(instance.lane),
                                  did_you_mean(instance.lane, result_.lanes)));
    }

    void read_links(const located_value& links) {
        result_.links_incomplete = result_.links_incomplete || !links.is_array();
        if (!expect(links, "links", json::kind::array, "a list of links")) return;
        std::size_t steps = 0;  // a chain is as many links as it has arrows
        for (std::size_t i = 0; i < links.elements.size(); ++i) {
            steps += read_link(links.elements[i], path_to("links", i));
            if (steps <= max_links) continue;
            problems_.add(links.elements[i].where, "links", fmt::format("more than {} links", max_links));
            result_.readable = false;
            return;
        }
    }

    /// How many links it makes, at least one.
    std::size_t read_link(const located_value& value, const std::string& path) {
        topology_link link;
        link.where = link.queue_where = value.where;
        link.path = path;
        const auto* ends = &value;
        if (value.is_object()) ends = read_link_object(value, link);
        if (ends != nullptr) read_link_path(*ends, link);
        if (link.ends.empty()) {
            result_.links_incomplete = true;
            return 1;
        }
        result_.links.push_back(std::move(link));
        return result_.links.back().ends.size() - 1;
    }

    /// The value of `path` in the object form.
    const located_value* read_link_object(const located_value& value, topology_link& link) {
        static const std::vector<std::string> known{"path", "queue", "may_block", "fault"};
        for (const auto& [key, where, member] : value.members) {
            const auto path = path_to(link.path, key);
            if (key == "queue") link.queue = read_queue(member, path, problems_), link.queue_where = member.where;
            else if (key == "may_block") link.may_block = read_flag(member, path, problems_);
            else if (key == "fault") link.fault = read_link_fault(member, where, path);
            else if (key != "path") problems_.add(where, path, "unknown key" + did_you_mean(key, known));
        }
        if (const auto* path = value.find("path")) return &path->value;
        problems_.add(value.where, link.path, "the key `path` is missing: what is linked, such as \"camera -> jpeg\"");
        return nullptr;
    }

    link_fault read_link_fault(const located_value& value, const place& where, const std::string& path) {
        if (!allow_faults_) {
            problems_.add(where, path, "faults are for tests only: start with --allow-faults to have them");
            return {};
        }
        return read_fault(value, path, problems_);
    }

    void read_link_path(const located_value& value, topology_link& link) {
        if (value.broken) return;
        link.where = value.where;
        const auto ends = value.is_text() ? parse_link_path(value.text()) : std::nullopt;
        if (ends) link.ends = *ends;
        else
            problems_.add(value.where, link.path,
                          fmt::format("expected a link such as \"camera.frames -> jpeg\", got {}", shown(value)));
    }

    topology& result_;
    bool allow_faults_;
    problem_list& problems_;
    host_defaults defaults_;
};

}  // namespace

bool is_name(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), allowed);
}

std::optional<std::vector<link_end>> parse_link_path(std::string_view text) {
    std::vector<link_end> ends;
    while (true) {
        const auto arrow = text.find("->");
        auto end = parse_end(trimmed(text.substr(0, arrow)));
        if (!end || ends.size() > max_links) return std::nullopt;
        ends.push_back(std::move(*end));
        if (arrow == std::string_view::npos) break;
        text.remove_prefix(arrow + 2);
    }
    if (ends.size() < 2) return std::nullopt;
    return ends;
}

const topology_instance* topology::find(std::string_view instance_name) const {
    const auto found = std::ranges::find(instances, instance_name, &topology_instance::name);
    return found == instances.end() ? nullptr : &*found;
}

topology read_topology(const topology_text& source, problem_list& problems) {
    topology result;
    auto root = read_json(source.text, problems);
    if (!root || !root->is_object()) {
        if (root) problems.add(root->where, {}, fmt::format("a topology is an object, got {}", shown(*root)));
        result.readable = false;
        return result;
    }
    check_variable_overrides(*root, source.sets, problems);
    for (std::size_t i = 0; i < source.sets.size(); ++i) {
        const place where{static_cast<std::int32_t>(i), 0, 0};
        apply_override(*root, source.sets[i].first, source.sets[i].second, where, problems);
    }
    expand_variables(*root, source.variables, problems);
    topology_reader(result, source.allow_faults, problems).read(*root);
    return result;
}

}  // namespace streamhost
