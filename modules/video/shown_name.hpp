#pragma once

#include <string>
#include <string_view>

namespace streamhost::video {

/// `text` without what only the source itself may know: of each URL in it, the user and password (RFC 3986, 3.2.1), the
/// query and the fragment, which carry keys just as well. For every text that leaves the process: logs, conditions,
/// errors, pictures. Where an `@` leaves it unclear where a password ends (it may hold a bare `/` or blank), what stands up
/// to that `@` becomes three dots: rather too little is shown than too much. Pure.
std::string shown_name(std::string_view text);

}  // namespace streamhost::video
