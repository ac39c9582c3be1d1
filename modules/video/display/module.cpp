// The library video-display.so: what needs a window system.
#include "display.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::video {

STREAMHOST_MODULES(display)

}  // namespace streamhost::video
