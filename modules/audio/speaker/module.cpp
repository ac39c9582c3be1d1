// The library audio-speaker.so: what needs PortAudio, to play.
#include "speaker.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::audio {

STREAMHOST_MODULES(speaker)

}  // namespace streamhost::audio
