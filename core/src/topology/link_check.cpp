#include "topology/draft.hpp"
#include "topology/suggestion.hpp"

#include <streamhost/port.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace streamhost {
namespace {

constexpr std::size_t listed = 8;  // candidates that a message names at most

/// Empty for a port of every type.
std::string_view name_of_type(const port_info& port) {
    return port.type != nullptr ? port.type->name : std::string_view(port.named_type);
}

std::string type_name(const port_info& port) {
    const auto name = name_of_type(port);
    return name.empty() ? "any" : std::string(name);
}

/// Whether a port that knows at most the name of its type can be linked to the other.
bool names_agree(const port_info& a, const port_info& b) {
    const auto one = name_of_type(a);
    const auto other = name_of_type(b);
    return one.empty() || other.empty() || one == other;
}

std::vector<std::string> names_of(const std::vector<port_info>& ports) {
    std::vector<std::string> names;
    for (const auto& port : ports) names.push_back(port.name);
    return names;
}

bool has(const std::vector<port_info>& ports, std::string_view name) {
    return std::ranges::find(ports, name, &port_info::name) != ports.end();
}

/// "frames (video_frame), images (encoded_image)"
std::string list_of(const std::vector<const port_info*>& ports) {
    std::vector<std::string> texts;
    for (const auto* port : ports) {
        if (texts.size() < listed) texts.push_back(fmt::format("{} ({})", port->name, type_name(*port)));
    }
    if (ports.size() > listed) texts.emplace_back("...");
    return fmt::format("{}", fmt::join(texts, ", "));
}

using port_pair = std::pair<const port_info*, const port_info*>;

/// One step of a chain: from the end before the arrow to the end behind it.
struct hop {
    const topology_link& link;
    std::size_t from_end;
    std::size_t from;
    std::size_t to;

    const link_end& output_end() const { return link.ends[from_end]; }
    const link_end& input_end() const { return link.ends[from_end + 1]; }
    bool from_is_inside() const { return from_end > 0; }
    bool to_is_inside() const { return from_end + 2 < link.ends.size(); }
};

class link_resolver {
public:
    explicit link_resolver(draft& draft) : draft_(draft) {
        for (std::size_t i = 0; i < draft.result.instances.size(); ++i) {
            index_.emplace(draft.result.instances[i].name, i);
            names_.push_back(draft.result.instances[i].name);
        }
    }

    void resolve(const topology_link& link) {
        for (const auto& end : link.ends) report_unknown(link, end);
        for (std::size_t i = 0; i + 1 < link.ends.size(); ++i) {
            const auto from = index_.find(link.ends[i].instance);
            const auto to = index_.find(link.ends[i + 1].instance);
            const bool both = from != index_.end() && to != index_.end();
            const bool linked = both && connect({link, i, from->second, to->second});
            if (linked) continue;
            if (from != index_.end()) draft_.link_trouble[from->second] = true;
            if (to != index_.end()) draft_.link_trouble[to->second] = true;
        }
    }

private:
    void report_unknown(const topology_link& link, const link_end& end) {
        if (index_.contains(end.instance)) return;
        add(link, fmt::format("there is no instance `{}`{}", end.instance, did_you_mean(end.instance, names_)));
    }

    void add(const topology_link& link, std::string text) {
        draft_.problems.add(link.where, link.path, std::move(text));
    }

    const plan_instance& instance(std::size_t index) const { return draft_.result.instances[index]; }

    bool connect(const hop& hop) {
        if (hop.from == hop.to) {
            add(hop.link, fmt::format("`{}` is linked to itself", instance(hop.from).name));
            return false;
        }
        if (instance(hop.from).info == nullptr || instance(hop.to).info == nullptr) return false;
        // The ports are not known while the settings that they depend on are wrong.
        if (unknown_ports(hop.from) || unknown_ports(hop.to)) return false;
        const auto outputs =
            candidates(hop.link, hop.from, hop.output_end(), port_direction::output, hop.from_is_inside());
        const auto inputs = candidates(hop.link, hop.to, hop.input_end(), port_direction::input, hop.to_is_inside());
        if (outputs.empty() || inputs.empty()) return false;
        const auto pair = choose(hop, outputs, inputs);
        if (pair) store(hop, *pair->first, *pair->second);
        return pair.has_value();
    }

    bool unknown_ports(std::size_t index) const {
        return instance(index).info->ports_for && instance(index).ports.inputs.empty() &&
               instance(index).ports.outputs.empty();
    }

    /// The ports of one side that the end may mean. A port named inside a chain belongs to the side where it exists.
    std::vector<const port_info*> candidates(const topology_link& link, std::size_t index, const link_end& end,
                                             port_direction direction, bool inside) {
        const auto& all = instance(index).ports;
        const bool output = direction == port_direction::output;
        const auto& ports = output ? all.outputs : all.inputs;
        const auto& others = output ? all.inputs : all.outputs;
        std::vector<const port_info*> found;
        const bool named = !end.port.empty() && !(inside && has(others, end.port) && !has(ports, end.port));
        for (const auto& port : ports) {
            if (!named || port.name == end.port) found.push_back(&port);
        }
        if (!found.empty()) return found;
        const char* side = output ? "output" : "input";
        if (ports.empty()) {
            add(link, fmt::format("`{}` has no {}s", end.instance, side));
        } else if (has(others, end.port)) {
            add(link, fmt::format("`{}.{}` is an {}, and a link runs from an output to an input", end.instance,
                                  end.port, output ? "input" : "output"));
        } else {
            add(link, unknown_port(end, ports, inside ? others : std::vector<port_info>(), inside ? "port" : side));
        }
        return found;
    }

    static std::string unknown_port(const link_end& end, const std::vector<port_info>& ports,
                                    const std::vector<port_info>& others, std::string_view side) {
        auto names = names_of(ports);
        for (auto& name : names_of(others)) names.push_back(std::move(name));
        std::ranges::sort(names);
        const auto hint = did_you_mean(end.port, names);
        const auto known = hint.empty() ? fmt::format("; it has {}", fmt::join(names, ", ")) : hint;
        return fmt::format("`{}` has no {} `{}`{}", end.instance, side, end.port, known);
    }

    /// The one pair that fits: equal types first, ports that take anything where there is none.
    std::optional<port_pair> choose(const hop& hop, const std::vector<const port_info*>& outputs,
                                    const std::vector<const port_info*>& inputs) {
        std::vector<port_pair> equal, any;
        for (const auto* output : outputs) {
            for (const auto* input : inputs) {
                if (output->any || input->any) {
                    if (names_agree(*output, *input)) any.emplace_back(output, input);
                } else if (*output->type == *input->type) equal.emplace_back(output, input);
            }
        }
        const auto& fitting = equal.empty() ? any : equal;
        if (fitting.size() == 1) return fitting.front();
        if (fitting.empty()) add(hop.link, mismatch(hop, outputs, inputs));
        else add(hop.link, ambiguity(hop, fitting));
        return std::nullopt;
    }

    std::string mismatch(const hop& hop, const std::vector<const port_info*>& outputs,
                         const std::vector<const port_info*>& inputs) const {
        const auto& from = instance(hop.from).name;
        const auto& to = instance(hop.to).name;
        if (outputs.size() != 1 || inputs.size() != 1) {
            return fmt::format("nothing that `{}` gives fits `{}`: {} against {}", from, to, list_of(outputs),
                               list_of(inputs));
        }
        const auto& output = *outputs.front();
        const auto& input = *inputs.front();
        const bool definitions = output.type != nullptr && input.type != nullptr;
        if (definitions && output.type->name == input.type->name) {
            return fmt::format(
                "`{}.{}` and `{}.{}` were built with different definitions of {} (version {}, {} bytes, and version "
                "{}, {} bytes)",
                from, output.name, to, input.name, output.type->name, output.type->version, output.type->size,
                input.type->version, input.type->size);
        }
        return fmt::format("`{}.{}` gives {}, but `{}.{}` takes {}", from, output.name, type_name(output), to,
                           input.name, type_name(input));
    }

    std::string ambiguity(const hop& hop, const std::vector<port_pair>& fitting) const {
        std::vector<std::string> texts;
        for (const auto& [output, input] : fitting) {
            if (texts.size() == listed) break;
            texts.push_back(fmt::format("`{}.{} -> {}.{}`", instance(hop.from).name, output->name,
                                        instance(hop.to).name, input->name));
        }
        if (fitting.size() > listed) texts.emplace_back("...");
        return fmt::format("more than one pair of ports fits; name the one that is meant: {}", fmt::join(texts, ", "));
    }

    void store(const hop& hop, const port_info& output, const port_info& input) {
        plan_link link;
        link.from = hop.from;
        link.output = output.name;
        link.to = hop.to;
        link.input = input.name;
        link.type = output.type != nullptr ? output.type : input.type;
        link.may_block = hop.link.may_block;
        link.fault = hop.link.fault;
        link.queue = queue_of(hop, link.type);
        report_misuse(hop, link, output, input);
        draft_.result.links.push_back(std::move(link));
        draft_.origins.push_back(&hop.link);
    }

    /// The default of the type, then what the receiving instance says, then what the link says. Where nobody says
    /// anything, a capture is not held back by the default of a type.
    queue_options queue_of(const hop& hop, const message_type* type) const {
        const auto defaults = type != nullptr ? type->defaults : queue_defaults{};
        const bool capture = instance(hop.from).info->capture;
        const auto& base = capture && defaults.link.policy == queue_policy::wait ? defaults.viewer : defaults.link;
        return hop.link.queue.over(draft_.source.instances[hop.to].queue.over(base));
    }

    /// One message cannot be of two definitions that share their name.
    void report_two_definitions(const hop& hop, const plan_link& link) {
        for (std::size_t i = 0; i < draft_.result.links.size(); ++i) {
            const auto& other = draft_.result.links[i];
            if (other.from != link.from || other.output != link.output) continue;
            if (other.type == nullptr || link.type == nullptr || *other.type == *link.type) continue;
            return add(hop.link, fmt::format("`{}`: {} is another one than for `{}`, by {}: build both libraries with one "
                                             "definition of it",
                                             to_text(draft_.result, link), link.type->name,
                                             to_text(draft_.result, other), draft_.origins[i]->path));
        }
    }

    void report_misuse(const hop& hop, const plan_link& link, const port_info& output, const port_info& input) {
        const auto text = to_text(draft_.result, link);
        if (link.queue.policy == queue_policy::disconnect) {
            draft_.problems.add(hop.link.queue_where, hop.link.path,
                                fmt::format("`{}`: `disconnect` is for viewers only", text));
        }
        const bool over_wire = input.over_wire || output.over_wire;
        if (over_wire && link.type != nullptr && !link.type->crosses_wires) {
            add(hop.link,
                fmt::format("`{}`: {} stays inside of a host, it cannot be written to a wire", text, link.type->name));
        }
        if (!output.named_type.empty()) report_two_definitions(hop, link);
        const auto from_here = std::ranges::count_if(draft_.result.links, [&](const plan_link& other) {
            return other.from == link.from && other.output == link.output;
        });
        if (static_cast<std::size_t>(from_here) >= output_port::most_links) {
            add(hop.link, fmt::format("`{}` is the output of more than {} links", text, output_port::most_links));
        }
        for (std::size_t i = 0; i < draft_.result.links.size(); ++i) {
            const auto& other = draft_.result.links[i];
            if (other.to != link.to || other.input != link.input) continue;
            const bool same = other.from == link.from && other.output == output.name;
            if (same) return add(hop.link, fmt::format("`{}` is linked already, by {}", text, draft_.origins[i]->path));
            if (!input.many) {
                return add(hop.link,
                           fmt::format("`{}.{}` takes one link, and has `{}` already, by {}", instance(link.to).name,
                                       link.input, to_text(draft_.result, other), draft_.origins[i]->path));
            }
        }
    }

    draft& draft_;
    std::map<std::string, std::size_t, std::less<>> index_;
    std::vector<std::string> names_;
};

}  // namespace

void check_links(draft& draft) {
    link_resolver resolver(draft);
    for (const auto& link : draft.source.links) resolver.resolve(link);
}

void check_unlinked_inputs(draft& draft) {
    if (draft.source.links_incomplete) return;
    for (std::size_t i = 0; i < draft.result.instances.size(); ++i) {
        if (draft.link_trouble[i]) continue;
        for (const auto& input : draft.result.instances[i].ports.inputs) {
            const auto ends_here = [&](const plan_link& link) { return link.to == i && link.input == input.name; };
            if (!input.required || std::ranges::any_of(draft.result.links, ends_here)) continue;
            draft.problems.add(draft.source.instances[i].where, draft.path_of(i),
                               fmt::format("the input `{}` ({}) has no link", input.name, type_name(input)));
        }
    }
}

}  // namespace streamhost
