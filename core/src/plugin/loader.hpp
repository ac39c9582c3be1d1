#pragma once

#include "plugin/note.hpp"

#include <streamhost/export.hpp>
#include <streamhost/plugin.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost::plugin {

/// Runs a factory and returns the name of the type that it describes.
using type_name_of = std::function<std::string(module_factory)>;

struct loaded_module {
    std::string type;         ///< "soil.probe"
    std::string class_name;   ///< "soil_probe", as the note has it
    module_factory describe;  ///< valid until the process ends
};

/// A library that is mapped, and stays so.
struct loaded_library {
    std::filesystem::path path;
    std::vector<loaded_module> modules;  ///< in the order of `STREAMHOST_MODULES`, no type twice

    /// Throws `configuration_error`, listing what the library provides, where that type is not among it.
    STREAMHOST_API const loaded_module& at(std::string_view type) const;
};

/// Reads a library's note and compares it with `host`; nothing of the library is mapped or run. Throws
/// `configuration_error` with every difference, both sides and the next step of each. Blocks on the file.
STREAMHOST_API library_note fitting_note(const std::filesystem::path& library,
                                         const fingerprint& host = host_fingerprint());

/// Loads a library after `fitting_note` and asks each of its factories for its type. Throws `configuration_error`
/// naming library, cause and next step. Blocks; runs the library's code on the calling thread. A second call for the
/// same file maps nothing new.
STREAMHOST_API loaded_library load_library(const std::filesystem::path& library, const type_name_of& name_of);

}  // namespace streamhost::plugin
