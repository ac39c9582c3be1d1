#pragma once

#include <streamhost/media.hpp>

#include <string>

namespace streamhost::video {

/// Throws `configuration_error` where a file of that path cannot be made.
void check_writable(const std::string& path);

/// Writes the picture as a JPEG, beside the path first and then renamed into place: whoever looks sees a whole picture or
/// none. Blocks. Empty where it went well, else what went wrong.
std::string write_jpeg(const video_frame& frame, const std::string& path);

}  // namespace streamhost::video
