// The library web.so: the console in the browser.
#include "console.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::web {

STREAMHOST_MODULES(console)

}  // namespace streamhost::web
