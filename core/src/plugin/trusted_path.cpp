#include "plugin/trusted_path.hpp"

#include <streamhost/result.hpp>

#include <fmt/format.h>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <string>

namespace streamhost::plugin {
namespace {

namespace fs = std::filesystem;

constexpr int max_links = 40;  // the kernel's own limit

/// Debian's convention: the group has the user's own name, and no further members are listed.
bool is_private_group(::gid_t group, ::uid_t user) {
    std::array<char, 4096> user_text, group_text;
    ::passwd user_entry{}, *found_user = nullptr;
    ::group group_entry{}, *found_group = nullptr;
    ::getpwuid_r(user, &user_entry, user_text.data(), user_text.size(), &found_user);
    ::getgrgid_r(group, &group_entry, group_text.data(), group_text.size(), &found_group);
    return found_user != nullptr && found_group != nullptr && found_user->pw_gid == group &&
           std::strcmp(found_user->pw_name, found_group->gr_name) == 0 && *found_group->gr_mem == nullptr;
}

[[noreturn]] void refuse(const fs::path& path, const fs::path& part, std::string_view cause, std::string_view step) {
    throw configuration_error(fmt::format("module library {} is not loaded: {} {}: {}", path.string(), part.string(),
                                          cause, step));
}

struct ::stat status_of(const fs::path& part, const fs::path& whole) {
    struct ::stat status {};
    if (::lstat(part.c_str(), &status) != 0) {
        throw configuration_error(fmt::format("module library {} cannot be reached: {}: {}", whole.string(),
                                              part.string(), std::strerror(errno)));
    }
    return status;
}

void check_part(const fs::path& part, const struct ::stat& status, const fs::path& whole, ::uid_t user) {
    if (status.st_uid != 0 && status.st_uid != user) {
        refuse(whole, part, fmt::format("belongs to user {}", status.st_uid),
               fmt::format("let it belong to {}", user == 0 ? "root" : "root or to whoever runs the host"));
    }
    if (S_ISLNK(status.st_mode)) {
        return;  // a link's own permissions mean nothing; who may exchange it is in its directory's
    }
    const bool sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
    const bool by_group = (status.st_mode & S_IWGRP) != 0 && (user == 0 || !is_private_group(status.st_gid, user));
    const bool by_others = (status.st_mode & S_IWOTH) != 0;
    if ((by_group || by_others) && !sticky) {
        refuse(whole, part, by_others ? "can be written by anybody" : "can be written by its group",
               fmt::format("`chmod go-w {}`", part.string()));
    }
}

}  // namespace

fs::path trusted_path(const fs::path& path, ::uid_t user) {
    const fs::path whole = fs::absolute(path);
    fs::path reached = "/";
    check_part(reached, status_of(reached, whole), whole, user);
    const fs::path below_root = whole.relative_path();
    std::deque<fs::path> ahead(below_root.begin(), below_root.end());
    int links = 0;
    while (!ahead.empty()) {
        const fs::path name = std::move(ahead.front());
        ahead.pop_front();
        if (name.empty() || name == ".") {
            continue;
        }
        if (name == "..") {
            reached = reached.parent_path();  // checked already, and no link: `reached` holds none
            continue;
        }
        const fs::path part = reached / name;
        const struct ::stat status = status_of(part, whole);
        check_part(part, status, whole, user);
        if (!S_ISLNK(status.st_mode)) {
            reached = part;
            continue;
        }
        if (++links > max_links) {
            refuse(whole, part, "leads through too many symbolic links", "remove the loop");
        }
        const fs::path target = fs::read_symlink(part);
        if (target.is_absolute()) {
            reached = "/";
        }
        const fs::path further = target.relative_path();
        ahead.insert(ahead.begin(), further.begin(), further.end());
    }
    return reached;
}

}  // namespace streamhost::plugin
