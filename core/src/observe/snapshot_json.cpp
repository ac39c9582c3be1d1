#include <streamhost/snapshot_json.hpp>

#include <boost/json/array.hpp>

namespace streamhost {
namespace {

namespace json = boost::json;

template <class Each>
json::array list(const std::vector<Each>& all, json::object (*convert)(const Each&)) {
    json::array array;
    for (const auto& each : all) array.push_back(convert(each));
    return array;
}

json::object counts(const std::vector<std::pair<std::string, std::uint64_t>>& all) {
    json::object object;
    for (const auto& [name, count] : all) object[name] = count;
    return object;
}

json::object to_json(const output_snapshot& each) {
    return {{"name", each.name}, {"sent", each.sent}, {"post_dropped", each.post_dropped}};
}

json::object to_json(const viewer_snapshot& each) {
    return {{"name", each.name},
            {"policy", each.policy},
            {"delivered", each.delivered},
            {"bytes", each.bytes},
            {"dropped", counts(each.dropped)},
            {"waiting", each.waiting},
            {"age_ns", each.age_ns}};
}

json::object to_json(const port_place& each) { return {{"instance", each.instance}, {"port", each.port}}; }

json::object to_json(const instance_snapshot& each) {
    json::array inputs;
    for (const auto& name : each.inputs) inputs.emplace_back(name);
    json::object metrics;
    for (const auto& metric : each.metrics) metrics[metric.name] = {{"value", metric.value}, {"help", metric.help}};
    return {{"name", each.name},
            {"type", each.type},
            {"lane", each.lane},
            {"state", each.state},
            {"condition", each.condition},
            {"failure", each.failure},
            {"restarts", each.restarts},
            {"busy_ns", each.busy_ns},
            {"settings", each.settings},
            {"inputs", std::move(inputs)},
            {"outputs", list<output_snapshot>(each.outputs, to_json)},
            {"metrics", std::move(metrics)},
            {"viewers", list<viewer_snapshot>(each.viewers, to_json)}};
}

json::object to_json(const link_snapshot& each) {
    return {{"name", each.name},
            {"from", to_json(each.from)},
            {"to", to_json(each.to)},
            {"policy", each.policy},
            {"accepted", each.accepted},
            {"delivered", each.delivered},
            {"bytes", each.bytes},
            {"dropped", counts(each.dropped)},
            {"depth", each.depth},
            {"depth_bytes", each.depth_bytes},
            {"head_age_ns", each.head_age_ns},
            {"wait_p50_ns", each.wait_p50_ns},
            {"wait_p99_ns", each.wait_p99_ns}};
}

json::object to_json(const address_snapshot& each) {
    return {{"instance", each.instance}, {"address", each.address}, {"bound", each.bound}};
}

}  // namespace

json::object to_json(const host_snapshot& now) {
    return {{"name", now.name},
            {"instances", list<instance_snapshot>(now.instances, to_json)},
            {"links", list<link_snapshot>(now.links, to_json)},
            {"addresses", list<address_snapshot>(now.addresses, to_json)}};
}

}  // namespace streamhost
