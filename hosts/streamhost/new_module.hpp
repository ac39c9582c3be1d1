#pragma once

#include <filesystem>
#include <string>

/// What `streamhost new-module` was told.
struct module_project {
    std::string type;              ///< "soil.probe"
    std::string input;             ///< name of a standard message type; empty: it takes nothing
    std::string output;            ///< likewise; empty, where there is an input: it sends nothing. Else: record
    std::filesystem::path folder;  ///< where the project goes; empty: "soil-probe" in the working directory
};

/// Writes a project that builds a module of that type against the installed SDK, and says what to do with it. The
/// templates lie beside the program: in ../share/streamhost/templates/module.
/// Throws `configuration_error` where the type or a message type is none, and where the folder is there already.
std::string write_module_project(const module_project& project, const std::filesystem::path& executable);
