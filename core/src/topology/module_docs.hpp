#pragma once

#include <streamhost/export.hpp>
#include <streamhost/module_info.hpp>

#include <boost/json/object.hpp>

#include <functional>
#include <span>
#include <string>
#include <string_view>

/// What `streamhost describe` prints and what the reference is made of, all from `module_info`.
namespace streamhost {

/// One line per type: name and help.
STREAMHOST_API std::string describe_list(std::span<const module_info* const> types);

/// Everything about one type, for a terminal.
STREAMHOST_API std::string describe_text(const module_info& info);

/// The same for programs: settings, ports, and `schema`, the JSON Schema (draft 7) of an entry in `modules`.
STREAMHOST_API boost::json::object describe_json(const module_info& info);

/// That schema alone; `host_key` gives that of a host's key, or a reference to it.
boost::json::object entry_schema(const module_info& info,
                                 const std::function<boost::json::object(std::string_view)>& host_key);

/// The JSON Schema (draft 7) of a whole topology that may use these types; editors take it from `$schema`.
STREAMHOST_API boost::json::object topology_schema(std::span<const module_info* const> types);

/// The reference in Markdown, a chapter per type in the given order.
STREAMHOST_API std::string describe_markdown(std::span<const module_info* const> types);

/// The keys that an instance may have beside its settings, as Markdown.
STREAMHOST_API std::string describe_host_keys_markdown();

/// JSON with line ends and two spaces per level.
STREAMHOST_API std::string pretty(const boost::json::value& value);

/// "whole number", "one of `a`, `b`"; "1 to 240 pixels"; `"auto"`: the columns of a table of settings.
std::string kind_text(const setting_info& setting);
std::string default_text(const setting_info& setting);
/// "required, only one instance may hold a value": what else there is to say; may be empty.
std::string remarks(const setting_info& setting);
std::string remarks(const port_info& port);

}  // namespace streamhost
