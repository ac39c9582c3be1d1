#include "recording_name.hpp"

#include <string>

namespace streamhost::video {

std::optional<file_format> format_of(const std::filesystem::path& path) {
    const auto end = path.extension();
    if (end == ".mkv") return file_format::mkv;
    if (end == ".avi") return file_format::avi;
    if (end == ".mp4") return file_format::mp4;
    return std::nullopt;
}

std::filesystem::path recording_name(const std::filesystem::path& first, int number) {
    if (number == 1) return first;
    auto name = first.stem();
    name += "-" + std::to_string(number);
    name += first.extension();
    return first.parent_path() / name;
}

}  // namespace streamhost::video
