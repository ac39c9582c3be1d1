#pragma once

namespace streamhost::audio {

/// What ALSA and JACK would print about devices that are not there, while PortAudio looks for them, is left out. Any
/// thread; once for the process.
void quieten_sound_libraries();

}  // namespace streamhost::audio
