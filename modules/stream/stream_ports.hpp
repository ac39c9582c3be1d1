#pragma once

#include <streamhost/module_info.hpp>

#include <map>
#include <string>

namespace streamhost::stream_family {

/// The streams of one direction: the type of each by its name.
using stream_map = std::map<std::string, std::string>;

/// The place of a stream among those of its direction, which is also its channel on the wire, less one.
using stream_index = std::size_t;

/// Throws `setting_error` for more streams than a session has, and for a name or a type that is none.
void check_streams(const stream_map& send, const stream_map& receive);

/// An input for each stream that is sent, an output for each that is received, under the names of the streams. Where the
/// type is none of those that every host has, the port knows its name only, and the definition comes with the link.
module_ports ports_of(const stream_map& send, const stream_map& receive);

}  // namespace streamhost::stream_family
