#pragma once

#include <streamhost/export.hpp>
#include <streamhost/plugin.hpp>
#include <streamhost/result.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace streamhost::plugin {

/// What a library's file says about itself, and the paths by which it asks for other libraries.
struct library_note {
    fingerprint built_with;
    std::vector<std::string> class_names;  ///< C++ names, in the order of the factories
    std::vector<std::string> run_paths;    ///< DT_RPATH and DT_RUNPATH, as they stand
};

/// Reads a library's note from its file; nothing of the library is mapped or run. Blocks on the file. The error is a
/// `library_error` or the operating system's.
STREAMHOST_API result<library_note> read_note(const std::filesystem::path& library);

/// The same from the bytes of a file.
STREAMHOST_API result<library_note> parse_note(std::span<const std::byte> file);

/// The descriptor alone, without run paths.
STREAMHOST_API result<library_note> parse_note_descriptor(std::span<const std::byte> descriptor);

}  // namespace streamhost::plugin
