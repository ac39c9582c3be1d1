#pragma once

#include <streamhost/snapshot.hpp>

#include <boost/json/object.hpp>

namespace streamhost {

/// A host at one moment as JSON, key by key as in `<streamhost/snapshot.hpp>`; counts by name are objects.
STREAMHOST_API boost::json::object to_json(const host_snapshot& now);

}  // namespace streamhost
