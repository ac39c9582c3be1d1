// The library audio.so: what the family can do without libraries of others.
#include "file_sink.hpp"
#include "tone.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::audio {

STREAMHOST_MODULES(
    file_sink,
    tone)

}  // namespace streamhost::audio
