#pragma once

#include "plugin/library_search.hpp"
#include "topology/check.hpp"

#include <streamhost/module_info.hpp>

#include <map>
#include <set>
#include <string>

namespace streamhost {

/// The module types of this host: finds the library of a type, loads it when the type is first asked for, and keeps what
/// it describes. Main thread.
class module_library {
public:
    explicit module_library(plugin::library_search search) : search_(std::move(search)) {}

    /// Null where no library of that name exists, or where it exists without that type. Throws `configuration_error`
    /// where there is a library that cannot be used.
    const module_info* find(const std::string& type);

    /// Loads every library there is; those that cannot be used are passed over, with a line each in `problems`.
    void load_all(std::vector<std::string>& problems);

    std::vector<const module_info*> all() const;

private:
    void load(const std::filesystem::path& library);

    plugin::library_search search_;
    std::set<std::filesystem::path> loaded_;
    std::map<std::string, module_info> types_;
};

}  // namespace streamhost
