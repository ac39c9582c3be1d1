#pragma once

#include "topology/located_value.hpp"

#include <streamhost/export.hpp>

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace streamhost {

/// What the environment says about a name; nothing where it is not set.
using environment_lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// A text from the command line or the environment: JSON where it parses as such, else the text itself.
located_value read_loosely(std::string_view text, place where, problem_list& problems);

/// Puts `value` in at `path` ("modules.camera.fps", "links.0"), in place of what is there; objects on the way that do
/// not exist are made. `where` becomes the place of all that is new.
STREAMHOST_API void apply_override(located_value& root, std::string_view path, std::string_view value, place where,
                                   problem_list& problems);

/// Overrides of variables (`vars.NAME`, or something inside of one) that nothing would notice: `vars` does not have NAME,
/// and no text of the topology is `${NAME}`. To be called before the overrides are applied.
STREAMHOST_API void check_variable_overrides(const located_value& root,
                                             std::span<const std::pair<std::string, std::string>> overrides,
                                             problem_list& problems);

/// Replaces each text that is exactly one `${X}` or `${X:-default}` by the value of X, taken from the member `vars` of
/// the root, then from the environment: a value of any kind. Inside a longer text ("${address}:9699") a variable is
/// replaced by its text; a list or an object is a problem there, and a default has no `}`. `$$` is `$`. Inside `vars`
/// only the environment counts. A variable without a value is a problem at its place, and the value there becomes
/// `broken`.
STREAMHOST_API void expand_variables(located_value& root, const environment_lookup& environment,
                                     problem_list& problems);

}  // namespace streamhost
