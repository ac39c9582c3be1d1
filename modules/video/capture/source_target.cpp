#include "source_target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace streamhost::video {
namespace {

bool is_number(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

source_target target_of_text(std::string_view text) {
    constexpr std::string_view file_scheme = "file://";
    if (text == "auto") return {source_kind::automatic, {}};
    if (is_number(text)) return {source_kind::device, fmt::format("/dev/video{}", text)};
    // In memory (/dev/shm) there may be files.
    if (text.starts_with("/dev/") && !text.starts_with("/dev/shm/")) return {source_kind::device, std::string(text)};
    if (text.starts_with(file_scheme)) return {source_kind::file, std::string(text.substr(file_scheme.size()))};
    if (text.find("://") != std::string_view::npos) return {source_kind::url, std::string(text)};
    return {source_kind::file, std::string(text)};
}

}  // namespace

source_target target_of(const source_setting& source) {
    if (const auto* number = std::get_if<std::int64_t>(&source)) {
        return {source_kind::device, fmt::format("/dev/video{}", *number)};
    }
    return target_of_text(std::get<std::string>(source));
}

}  // namespace streamhost::video
