#pragma once

#include "support/scratch_folder.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <ios>
#include <stdexcept>
#include <string_view>

namespace streamhost::test {

/// What somebody types at a program that has no terminal: a FIFO, to be its standard input.
class keyboard {
public:
    keyboard(const scratch_folder& folder, std::string_view name) : path_(folder / name) {
        if (::mkfifo(path_.c_str(), 0600) != 0) throw std::runtime_error("no FIFO");
        keys_.open(path_, std::ios::in | std::ios::out);
    }
    const std::filesystem::path& path() const noexcept { return path_; }
    void type(std::string_view line) { keys_ << line << '\n' << std::flush; }

private:
    std::filesystem::path path_;
    std::fstream keys_;
};

}  // namespace streamhost::test
