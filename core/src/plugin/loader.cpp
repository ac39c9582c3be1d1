#include "plugin/loader.hpp"

#include "plugin/library_error.hpp"

#include <streamhost/result.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <dlfcn.h>

#include <algorithm>
#include <exception>

namespace streamhost::plugin {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& library, std::string_view cause, std::string_view step) {
    throw configuration_error(fmt::format("module library {} is not loaded: {}: {}", library.string(), cause, step));
}

std::string_view next_step(const error_code& error) {
    if (error == library_error::not_a_library || error == library_error::no_note) {
        return "build it with STREAMHOST_MODULES from <streamhost/module.hpp>, or move it out of the folder";
    }
    if (error == library_error::other_machine) {
        return "build it for this machine";
    }
    if (error == library_error::broken) {
        return "build or copy it again";
    }
    if (error == library_error::unknown_format) {
        return "build it against the host's own SDK";
    }
    return "look at the file and its permissions";
}

/// An entry that does not begin at the root or at the library itself is looked up from wherever the host was started.
void check_run_paths(const fs::path& library, const library_note& note) {
    for (std::string_view paths : note.run_paths) {
        while (!paths.empty()) {
            const std::size_t colon = paths.find(':');
            const std::string_view entry = paths.substr(0, colon);
            if (!entry.starts_with('/') && !entry.starts_with("$ORIGIN") && !entry.starts_with("${ORIGIN}")) {
                refuse(library, fmt::format("it looks for its own libraries below the working directory (rpath \"{}\")",
                                            paths),
                       "link it with an rpath that begins with `/` or `$ORIGIN`");
            }
            if (colon + 1 == paths.size()) {
                refuse(library, "its rpath ends with a colon, which means the working directory", "link it without");
            }
            paths.remove_prefix(colon == std::string_view::npos ? paths.size() : colon + 1);
        }
    }
}

/// The file is loaded by its path, not by a descriptor held since the note was read. By "/proc/self/fd/N" the dynamic
/// linker would take $ORIGIN to be that folder, so that the library's own dependencies are not found, and debuggers and
/// sanitizers would look for symbols under a name that later means another file. An exchange between reading and
/// loading is prevented where it matters: `trusted_path` lets only those write to the path who own the host as well.
///
/// Never closed: coroutine frames, types and payloads of the library may outlive every instance of it.
void* map(const fs::path& library, const library_note& note) {
    void* const handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle != nullptr) {
        return handle;
    }
    std::string cause = ::dlerror();
    if (const std::string prefix = library.string() + ": "; cause.starts_with(prefix)) {
        cause.erase(0, prefix.size());
    }
    const fingerprint& host = host_fingerprint();
    if (note.built_with.sdk_minor > host.sdk_minor) {
        refuse(library, cause, fmt::format("it is built with SDK {}.{}, the host has {}.{}: use a newer host",
                                           note.built_with.sdk_major, note.built_with.sdk_minor, host.sdk_major,
                                           host.sdk_minor));
    }
    refuse(library, cause, fmt::format("`ldd -r {}` lists what it misses", library.string()));
}

module_factories factories_of(const fs::path& library, void* handle, const library_note& note) {
    using entry_point = module_factories (*)() noexcept;
    const auto entry = reinterpret_cast<entry_point>(::dlsym(handle, factories_symbol));
    if (entry == nullptr) {
        refuse(library, fmt::format("it has a note but exports no `{}`", factories_symbol),
               "let its linker script export the symbol");
    }
    const module_factories found = entry();
    if (found.count != note.class_names.size()) {
        refuse(library, fmt::format("its note names {} classes, but it returns {} factories", note.class_names.size(),
                                    found.count),
               "build it again");
    }
    return found;
}

std::string described_type(const fs::path& library, const std::string& class_name, module_factory factory,
                           const type_name_of& name_of) {
    constexpr std::string_view step = "mend its describe()";
    try {
        return name_of(factory);
    } catch (const std::exception& failure) {
        refuse(library, fmt::format("describe() of class {} failed: {}", class_name, failure.what()), step);
    } catch (...) {
        refuse(library, fmt::format("describe() of class {} threw what is no std::exception", class_name), step);
    }
}

}  // namespace

const loaded_module& loaded_library::at(std::string_view type) const {
    const auto found = std::ranges::find(modules, type, &loaded_module::type);
    if (found != modules.end()) {
        return *found;
    }
    std::vector<std::string_view> provided;
    std::ranges::transform(modules, std::back_inserter(provided), &loaded_module::type);
    throw configuration_error(fmt::format("module library {} has no type {}; it provides {}", path.string(), type,
                                          fmt::join(provided, ", ")));
}

library_note fitting_note(const fs::path& library, const fingerprint& host) {
    auto note = read_note(library);
    if (!note) {
        refuse(library, note.error().message(), next_step(note.error()));
    }
    const std::vector<std::string> found = differences(note->built_with, host);
    if (!found.empty()) {
        throw configuration_error(fmt::format("module library {} is not loaded:\n  {}\n  library: {}\n  host:    {}",
                                              library.string(), fmt::join(found, "\n  "), to_text(note->built_with),
                                              to_text(host)));
    }
    check_run_paths(library, *note);
    return *std::move(note);
}

loaded_library load_library(const fs::path& library, const type_name_of& name_of) {
    // A name without a slash would send the dynamic linker to its own search path.
    const fs::path file = fs::absolute(library);
    const library_note note = fitting_note(file);
    const module_factories factories = factories_of(file, map(file, note), note);
    loaded_library loaded{file, {}};
    for (std::size_t i = 0; i < factories.count; ++i) {
        const module_factory factory = factories.first[i];
        std::string type = described_type(file, note.class_names[i], factory, name_of);
        if (std::ranges::find(loaded.modules, type, &loaded_module::type) != loaded.modules.end()) {
            refuse(file, fmt::format("two of its classes describe the type {}", type), "give one another name");
        }
        loaded.modules.push_back({std::move(type), note.class_names[i], factory});
    }
    return loaded;
}

}  // namespace streamhost::plugin
