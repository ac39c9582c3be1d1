#include "topology/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace streamhost {

std::vector<std::string> plan::lanes() const {
    std::vector<std::string> names;
    for (const auto& instance : instances) {
        if (std::ranges::find(names, instance.lane) == names.end()) names.push_back(instance.lane);
    }
    return names;
}

std::string to_text(const plan& plan, const plan_link& link) {
    return fmt::format("{}.{} -> {}.{}", plan.instances[link.from].name, link.output, plan.instances[link.to].name,
                       link.input);
}

/// Mermaid has words of its own (`end`, `graph`), so nodes go by number and show their names as labels.
std::string mermaid(const plan& plan) {
    std::string chart = "flowchart LR\n";
    const auto lanes = plan.lanes();
    for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
        chart += fmt::format("  subgraph lane{}[\"lane {}\"]\n", lane, lanes[lane]);
        for (std::size_t i = 0; i < plan.instances.size(); ++i) {
            const auto& instance = plan.instances[i];
            if (instance.lane != lanes[lane]) continue;
            chart += fmt::format("    i{}[\"{}<br/>{}\"]\n", i, instance.name, instance.info->type);
        }
        chart += "  end\n";
    }
    for (const auto& link : plan.links) {
        chart += fmt::format("  i{} -->|\"{} to {}<br/>{}<br/>{}\"| i{}\n", link.from, link.output, link.input,
                             link.type != nullptr ? link.type->name : "any", to_string(link.queue), link.to);
    }
    return chart;
}

}  // namespace streamhost
