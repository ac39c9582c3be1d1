#include "runtime/replace_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace streamhost {
namespace {

bool write_all(int handle, std::string_view content) {
    while (!content.empty()) {
        const auto count = ::write(handle, content.data(), content.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

std::string replace_file(const std::string& path, std::string_view content) {
    std::error_code code;
    const auto target = std::filesystem::canonical(path, code);
    if (code) return code.message();
    const auto why = [] { return std::string(std::strerror(errno)); };
    struct stat now {};
    if (::stat(target.c_str(), &now) != 0) return why();
    const auto draft = target.string() + ".draft";
    ::unlink(draft.c_str());  // of an earlier attempt
    const int handle = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (handle < 0) return why();
    const bool good = write_all(handle, content) && ::fchmod(handle, now.st_mode & 07777) == 0 && ::fsync(handle) == 0;
    auto problem = good ? std::string() : why();
    ::close(handle);
    if (problem.empty() && std::rename(draft.c_str(), target.c_str()) != 0) problem = why();
    if (!problem.empty()) ::unlink(draft.c_str());
    return problem;
}

}  // namespace streamhost
