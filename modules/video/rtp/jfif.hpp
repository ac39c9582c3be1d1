#pragma once

#include "rtp/payload_header.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace streamhost::video::rtp {

/// The beginning of a JPEG file up to its compressed data, as RFC 2435, appendix B, makes it of what the packets say.
/// `tables` holds one quantisation table, for all components, or two. Requires sides from 1 to `largest_side`.
std::vector<std::byte> make_jfif_head(const payload_header& header, std::span<const std::byte> tables, int width, int height);

/// Appends the end marker, where the data has none.
void end_jfif(std::vector<std::byte>& picture);

}  // namespace streamhost::video::rtp
