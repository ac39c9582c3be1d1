#pragma once

#include <streamhost/export.hpp>

#include <sys/types.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <vector>

namespace streamhost::plugin {

/// Finds the library of a module type. That of `a.b` is `a-b.so` where it exists, else `a.so`, in each of the folders
/// that the operator named, in their order, then in `../lib/streamhost/modules` as seen from the program's own folder,
/// which is where it lies in the build and in the install tree. The environment has no say.
///
/// A library of that last folder, and every library when the host runs as root, must pass `trusted_path`. Folders that
/// an ordinary user names are that user's own affair.
///
/// Everything blocks on the file system. Immutable, so usable from any thread.
class STREAMHOST_API library_search {
public:
    /// `folders`: each `--modules DIR`; `executable`: the running program's path; `user`: who runs it. Throws
    /// `configuration_error` where one of `folders` is no directory.
    library_search(std::vector<std::filesystem::path> folders, const std::filesystem::path& executable,
                   ::uid_t user = ::geteuid());

    /// The library's path, free of symbolic links. Throws `configuration_error`: a type that is not two names of
    /// [a-z0-9_-] with a dot between them, no library, or one that may not be loaded.
    std::filesystem::path find(std::string_view type) const;

    /// Every library that `find` could meet, by folder and name; `admit` has its say about each. Throws
    /// `configuration_error` where a folder cannot be read.
    std::vector<std::filesystem::path> all() const;

    /// The path of one of `all()` free of symbolic links, where it may be loaded; else throws `configuration_error`.
    std::filesystem::path admit(const std::filesystem::path& library) const;

private:
    std::vector<std::filesystem::path> folders_;  ///< absolute, the program's own one last
    ::uid_t user_;
};

}  // namespace streamhost::plugin
