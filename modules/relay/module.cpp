// The library relay.so.
#include "stream_relay.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::relay {

STREAMHOST_MODULES(stream_relay)

}  // namespace streamhost::relay
