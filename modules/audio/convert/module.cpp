// The library audio-convert.so: what needs libsamplerate alone.
#include "convert.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::audio {

STREAMHOST_MODULES(convert)

}  // namespace streamhost::audio
