#pragma once

#include <streamhost/snapshot.hpp>

#include <boost/json/object.hpp>

namespace streamhost::web {

/// A host at one moment as /graph.json and the page have it: `to_json` of a snapshot, the bound addresses with their
/// instances, `host` for its name, and the time in milliseconds since 1970. Counts are totals.
boost::json::object graph_json(const host_snapshot& now, double wall_ms);

}  // namespace streamhost::web
