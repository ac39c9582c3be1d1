// The library audio-file_source.so: what needs libsndfile.
#include "file_source.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::audio {

STREAMHOST_MODULES(file_source)

}  // namespace streamhost::audio
