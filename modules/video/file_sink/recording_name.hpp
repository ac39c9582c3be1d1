#pragma once

#include "picture_file.hpp"

#include <filesystem>
#include <optional>

namespace streamhost::video {

/// The kind of file that a name asks for by its end; nothing where it is none of them.
std::optional<file_format> format_of(const std::filesystem::path& path);

/// The name of the `number`th file of a recording: `run.mkv`, `run-2.mkv`, `run-3.mkv`.
std::filesystem::path recording_name(const std::filesystem::path& first, int number);

}  // namespace streamhost::video
