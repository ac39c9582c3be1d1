// The library video-capture.so: what needs OpenCV's ways into cameras and files.
#include "capture.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::video {

STREAMHOST_MODULES(capture)

}  // namespace streamhost::video
