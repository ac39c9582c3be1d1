#pragma once

#include <streamhost/export.hpp>

#include <sys/types.h>

#include <filesystem>

namespace streamhost::plugin {

/// Follows `path`, symbolic links included, to the file itself and checks every directory and link on the way as well
/// as the file: each belongs to root or to `user`, and nobody else may write to it. Two things are let pass:
///
/// - a sticky directory (`/tmp`): what lies in it can be exchanged by its owner only, and that owner is checked;
/// - for another user than root, the group write permission of that user's private group (the usual umask 002).
///
/// The answer has no symbolic link left in it, so nobody but root and `user` can change later what it means.
/// Blocks on the file system. Throws `configuration_error`, naming the part of the path and the command that mends it.
STREAMHOST_API std::filesystem::path trusted_path(const std::filesystem::path& path, ::uid_t user);

}  // namespace streamhost::plugin
