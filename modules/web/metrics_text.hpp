#pragma once

#include <streamhost/snapshot.hpp>

#include <string>

namespace streamhost::web {

inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// A host at one moment in the text format of Prometheus, version 0.0.4.
std::string metrics_text(const host_snapshot& now);

}  // namespace streamhost::web
