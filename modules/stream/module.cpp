// The library stream.so: named links of any type from host to host.
#include "client.hpp"
#include "server.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::stream_family {

STREAMHOST_MODULES(
    client,
    server)

}  // namespace streamhost::stream_family
