#include "graph_json.hpp"

#include <streamhost/snapshot_json.hpp>

#include <boost/json/array.hpp>

#include <utility>

namespace streamhost::web {

namespace json = boost::json;

json::object graph_json(const host_snapshot& now, double wall_ms) {
    auto all = to_json(now);
    auto instances = std::move(all.at("instances").as_array());
    for (auto& each : instances) {
        auto& instance = each.as_object();
        json::array bound;
        for (const auto& address : now.addresses) {
            const bool own = json::string_view(address.instance) == instance.at("name").as_string();
            if (own) bound.emplace_back(address.bound);
        }
        instance["address"] = std::move(bound);
    }
    return {{"host", now.name},
            {"time", wall_ms},
            {"instances", std::move(instances)},
            {"links", std::move(all.at("links"))}};
}

}  // namespace streamhost::web
