// The library video-file_sink.so: what needs FFmpeg's containers.
#include "file_sink.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::video {

STREAMHOST_MODULES(file_sink)

}  // namespace streamhost::video
