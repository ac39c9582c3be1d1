#pragma once

#include "frame_buffer.hpp"

#include <streamhost/media.hpp>

#include <cstdint>
#include <optional>

/// A frame's number inside its picture, so that a test or a latency measurement reads it back after any number of
/// encodes, networks and programs: 32 black or white blocks over the whole width in the lowest twelfth of the picture
/// (rows 440 to 479 of 480), first the 16 bits of the number, highest first, then their complements. White is 1.
/// Survives JPEG at quality 30 and shrinking to 160 x 120. The format of the original tutorials' test clip. Any
/// thread.
namespace streamhost::video {

/// Requires a width of 64 and a height of 64 or more.
void write_bar_code(frame_buffer& picture, std::uint16_t number);

/// Nothing where the blocks are not a number and its complement: another picture, or a damaged one.
std::optional<std::uint16_t> read_bar_code(const video_frame& frame);

}  // namespace streamhost::video
