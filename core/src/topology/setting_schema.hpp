#pragma once

#include <streamhost/module_info.hpp>

#include <boost/json/object.hpp>

#include <string_view>
#include <vector>

/// JSON Schema (draft 7, which editors know best) of settings and of the host's keys.
namespace streamhost {

/// "^..." for JSON Schema: the name of an instance, a lane or a topology, or a variable.
inline constexpr std::string_view name_pattern = "^[a-z0-9_-]{1,64}$|\\$\\{.+\\}";

/// A text with a variable in it may stand for every value.
inline constexpr std::string_view variable_pattern = "\\$\\{.+\\}";

/// What the value of a setting may be.
boost::json::object setting_schema(const setting_info& setting);

/// An object that has these settings as its members, and no others.
boost::json::object object_schema(const std::vector<setting_info>& settings);

/// A number as one would write it: 30, not 3E1.
boost::json::value number_value(double number);

/// The keys that an entry of `modules` may have beside the settings and `type`, in this order.
const std::vector<std::string_view>& instance_key_names();

/// What the value of a host's key may be: one of `instance_key_names()`.
boost::json::object host_key_schema(std::string_view key);

}  // namespace streamhost
