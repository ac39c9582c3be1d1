#pragma once

#include "frame_buffer.hpp"

#include <streamhost/media.hpp>

#include <cstdint>

namespace streamhost::test {

/// When a picture was made, inside the picture: 32 blocks like those of its number (`bar_code.hpp`), in rows 400 to 439
/// of 480, that show the steady clock in units of 100 us. What the Python programs write with `run.py --stamp`.
void write_stamp_bar(video::frame_buffer& picture, std::int64_t steady_ns);

/// Microseconds from the stamp to `steady_ns`, exact to 100. Meaningless where there is no stamp.
std::int64_t age_by_stamp_bar(const video_frame& frame, std::int64_t steady_ns);

}  // namespace streamhost::test
