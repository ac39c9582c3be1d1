#include "first_picture.hpp"

#include "jpeg_encoder.hpp"

#include <streamhost/result.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace streamhost::video {
namespace {

constexpr int quality = 90;

std::string last_error() { return std::generic_category().message(errno); }

}  // namespace

void check_writable(const std::string& path) {
    auto folder = std::filesystem::path(path).parent_path();
    if (folder.empty()) folder = ".";
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        throw configuration_error(fmt::format("snapshot {}: the folder {}: {}", path, folder.string(), last_error()));
    }
    if (std::filesystem::is_directory(path)) throw configuration_error(fmt::format("snapshot {}: is a folder", path));
}

std::string write_jpeg(const video_frame& frame, const std::string& path) {
    jpeg_encoder encoder;
    const auto image = encoder.encode(frame, {.quality = quality});
    if (!image) return image.error().message();
    const auto draft = fmt::format("{}.{}.part", path, ::getpid());
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    const auto bytes = image->data.as_text();
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) {
        auto reason = last_error();
        ::unlink(draft.c_str());
        return reason;
    }
    std::error_code code;
    std::filesystem::rename(draft, path, code);
    if (code) ::unlink(draft.c_str());
    return code ? code.message() : std::string();
}

}  // namespace streamhost::video
