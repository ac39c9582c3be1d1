// The library process.so: programs in any language as instances.
#include "program.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::process {

STREAMHOST_MODULES(program)

}  // namespace streamhost::process
