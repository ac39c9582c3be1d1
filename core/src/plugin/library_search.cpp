#include "plugin/library_search.hpp"

#include "plugin/trusted_path.hpp"

#include <streamhost/result.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <system_error>

namespace streamhost::plugin {
namespace {

namespace fs = std::filesystem;

bool is_name(std::string_view text) {
    constexpr std::size_t longest = 64;
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

bool is_there(const fs::path& path) {
    std::error_code ignored;  // any other answer than "not there" is for `admit` to explain
    return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

/// Links resolved: the folder is named relative to where the program really lies.
fs::path folder_beside(const fs::path& executable) {
    std::error_code failed;
    fs::path program = fs::weakly_canonical(executable, failed);
    if (failed) {
        program = fs::absolute(executable);
    }
    return program.parent_path().parent_path() / "lib" / "streamhost" / "modules";
}

std::string listed(const std::vector<fs::path>& folders) {
    std::string text;
    for (const fs::path& folder : folders) {
        text += text.empty() ? "" : ", ";
        text += folder.string();
    }
    return text;
}

}  // namespace

library_search::library_search(std::vector<fs::path> folders, const fs::path& executable, ::uid_t user)
    : folders_(std::move(folders)), user_(user) {
    for (fs::path& folder : folders_) {
        std::error_code failed;
        if (!fs::is_directory(folder, failed)) {
            throw configuration_error(fmt::format("--modules {}: {}", folder.string(),
                                                  failed ? failed.message() : "not a directory"));
        }
        folder = fs::absolute(folder);
    }
    folders_.push_back(folder_beside(executable));
}

fs::path library_search::find(std::string_view type) const {
    const std::size_t dot = type.find('.');
    const std::string_view family = type.substr(0, dot);
    const std::string_view kind = dot == std::string_view::npos ? "" : type.substr(dot + 1);
    if (!is_name(family) || !is_name(kind)) {
        throw configuration_error(fmt::format("\"{}\" is no module type: expected two names of a-z, 0-9, _ and - with "
                                              "a dot between them, as in `video.capture`", type));
    }
    const std::string own = fmt::format("{}-{}.so", family, kind);
    const std::string shared = fmt::format("{}.so", family);
    for (const fs::path& folder : folders_) {
        for (const std::string& name : {own, shared}) {
            if (is_there(folder / name)) {
                return admit(folder / name);
            }
        }
    }
    throw configuration_error(fmt::format("no library for module type {}: neither {} nor {} is in {}; `--modules DIR` "
                                          "adds a folder", type, own, shared, listed(folders_)));
}

std::vector<fs::path> library_search::all() const {
    std::vector<fs::path> libraries;
    std::set<fs::path> seen;  // what an earlier folder has hides the same name in a later one
    for (const fs::path& folder : folders_) {
        std::error_code failed;
        fs::directory_iterator entries(folder, failed);
        if (failed == std::errc::no_such_file_or_directory && &folder == &folders_.back()) {
            continue;
        }
        std::vector<fs::path> names;
        for (; !failed && entries != fs::directory_iterator(); entries.increment(failed)) {
            const fs::path name = entries->path().filename();
            if (name.extension() == ".so" && is_name(name.stem().native()) && seen.insert(name).second) {
                names.push_back(name);
            }
        }
        if (failed) {
            throw configuration_error(fmt::format("module folder {}: {}", folder.string(), failed.message()));
        }
        std::ranges::sort(names);
        for (const fs::path& name : names) {
            libraries.push_back(folder / name);
        }
    }
    return libraries;
}

fs::path library_search::admit(const fs::path& library) const {
    const bool must_be_trusted = user_ == 0 || library.parent_path() == folders_.back();
    std::error_code failed;
    const fs::path file = must_be_trusted ? trusted_path(library, user_) : fs::canonical(library, failed);
    const bool is_file = !failed && fs::is_regular_file(file, failed);
    if (!is_file) {
        throw configuration_error(fmt::format("module library {} is not loaded: {}", library.string(),
                                              failed ? failed.message() : "it is not a regular file"));
    }
    return file;
}

}  // namespace streamhost::plugin
