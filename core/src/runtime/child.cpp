#include <streamhost/child.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace streamhost {
namespace {

bool is_executable(const std::filesystem::path& file) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

bool is_in_path(std::string_view program) {
    const char* const variable = std::getenv("PATH");
    std::string_view folders = variable != nullptr ? variable : "/bin:/usr/bin";
    for (;;) {
        const auto colon = folders.find(':');
        const auto folder = folders.substr(0, colon);
        if (is_executable(std::filesystem::path(folder.empty() ? "." : folder) / program)) return true;
        if (colon == folders.npos) return false;
        folders.remove_prefix(colon + 1);
    }
}

}  // namespace

std::string why_not_startable(const std::string& program) {
    if (program.find('/') == program.npos) return is_in_path(program) ? "" : "not found in PATH";
    if (::access(program.c_str(), F_OK) != 0) return "there is no such program";
    return is_executable(program) ? "" : "is no program that may be run here";
}

std::string describe_end(int status) {
    constexpr int signalled = 128;
    if (status <= signalled) return fmt::format("ended with status {}", status);
    return fmt::format("ended with status {} (signal {})", status, status - signalled);
}

}  // namespace streamhost
