#pragma once

#include <filesystem>
#include <string>

#include <stdlib.h>

namespace streamhost::video::test {

/// A folder of the test's own, removed at its end.
class temporary_folder {
public:
    temporary_folder() {
        auto name = (std::filesystem::temp_directory_path() / "streamhost-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::filesystem::filesystem_error("mkdtemp", name, {});
        path_ = name;
    }
    ~temporary_folder() {
        std::error_code code;
        std::filesystem::remove_all(path_, code);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace streamhost::video::test
