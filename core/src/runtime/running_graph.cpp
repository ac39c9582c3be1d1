#include "runtime/running_graph.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace streamhost {
namespace {

const port_info* find_port(const std::vector<port_info>& ports, const std::string& name) {
    const auto found = std::ranges::find(ports, name, &port_info::name);
    return found != ports.end() ? &*found : nullptr;
}

/// What each message has to be: a typed input behind an output that gives messages of any type. Else null: the types
/// were compared when the link was checked.
const message_type* checked_type(const plan& plan, const plan_link& link) {
    const auto* const output = find_port(plan.instances[link.from].ports.outputs, link.output);
    const auto* const input = find_port(plan.instances[link.to].ports.inputs, link.input);
    return output != nullptr && output->any && input != nullptr ? input->type : nullptr;
}

}  // namespace

graph_maker::graph_maker(world& in, address_book& book, instance_host& host)
    : world_(in),
      book_(book),
      host_(host),
      // Instance numbers of different hosts of one boot must differ: the upper part is drawn at random.
      next_origin_(static_cast<std::uint32_t>(in.random_seed()) & 0xFFFFFF00U) {}

lane& graph_maker::lane_named(running_graph& graph, const std::string& name, std::vector<lane*>& fresh_lanes) {
    auto& place = graph.lanes[name];
    if (!place) {
        place = world_.make_lane(name);
        fresh_lanes.push_back(place.get());
    }
    return *place;
}

std::shared_ptr<instance> graph_maker::make_instance(running_graph& graph, const plan_instance& plan,
                                                     std::vector<lane*>& fresh_lanes) {
    std::vector<lane*> viewer_lanes;
    for (std::uint32_t i = 1; i <= plan.viewers.lanes; ++i) {
        viewer_lanes.push_back(&lane_named(graph, fmt::format("{}.viewers.{}", plan.name, i), fresh_lanes));
    }
    const message_origin origin{.boot = world_.boot_id(), .instance = next_origin_++};
    return std::make_shared<instance>(plan, world_, lane_named(graph, plan.lane, fresh_lanes), viewer_lanes, book_,
                                      next_holder_++, host_, origin);
}

std::shared_ptr<link> graph_maker::make_link(const plan& plan, const plan_link& one, instance& from, instance& to) {
    const auto name = to_text(plan, one);
    const auto* const takes = checked_type(plan, one);
    const link_type_check check{takes, [this, name, takes](const envelope& content) {
        log_.warn("{}: {} comes and is left out, since only {} is taken there; a module in between may make one of the other",
                  name, content.type != nullptr ? content.type->name : "an unknown type", takes->name);
    }};
    auto made = std::make_shared<link>(name, from.output(one.output), to.input(one.input), one.queue, check, from.name());
    if (one.fault != link_fault{}) made->inject(one.fault, world_.random_seed());
    return made;
}

}  // namespace streamhost
