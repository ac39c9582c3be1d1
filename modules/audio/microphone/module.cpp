// The library audio-microphone.so: what needs PortAudio, to record.
#include "microphone.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::audio {

STREAMHOST_MODULES(microphone)

}  // namespace streamhost::audio
