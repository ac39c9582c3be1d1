// The library stream.so: named links of any type from host to host.
#include "client.hpp"
#include "print.hpp"
#include "sample.hpp"
#include "server.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::stream_family {

STREAMHOST_MODULES(
    client,
    print,
    sample,
    server)

}  // namespace streamhost::stream_family
