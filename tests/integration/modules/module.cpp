#include "frame_notes.hpp"
#include "numbered_frames.hpp"

#include <streamhost/plugin.hpp>

STREAMHOST_MODULES(streamhost::test::numbered_frames, streamhost::test::frame_notes)
