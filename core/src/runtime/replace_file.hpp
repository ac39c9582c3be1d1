#pragma once

#include <streamhost/export.hpp>

#include <string>
#include <string_view>

namespace streamhost {

/// Gives an existing file another content in one step: who reads it meanwhile gets all of the old or all of the new one.
/// Its mode stays; behind a symbolic link it is the file that is replaced, not the link. Returns why it could not be done,
/// or nothing.
STREAMHOST_API std::string replace_file(const std::string& path, std::string_view content);

}  // namespace streamhost
