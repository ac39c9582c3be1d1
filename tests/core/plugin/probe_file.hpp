#pragma once

#include <streamhost/plugin.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

inline std::filesystem::path probe_path(std::string_view name) {
    return std::filesystem::path(PROBE_DIR) / (std::string(name) + ".so");
}

/// A folder of a test's own, gone with it.
class scratch_folder {
public:
    scratch_folder() {
        std::string name = testing::TempDir() + "streamhost-plugin-XXXXXX";
        path_ = ::mkdtemp(name.data());
        std::filesystem::permissions(path_, std::filesystem::perms(0755));
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder() { std::filesystem::remove_all(path_); }
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

/// The bytes of a built library, to be altered.
class probe_file {
public:
    explicit probe_file(std::string_view name) {
        std::ifstream file(probe_path(name), std::ios::binary);
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
    }

    std::string& bytes() noexcept { return bytes_; }
    std::span<const std::byte> span() const { return std::as_bytes(std::span(bytes_)); }

    /// Where the note's descriptor begins: after its owner's name, padded to four bytes.
    std::size_t descriptor() const {
        using namespace std::string_view_literals;
        // The name stands elsewhere in the file as well; the note's own is preceded by its lengths and type.
        const std::string before{"\1\0\0\0streamhost\0\0"sv};
        const std::size_t found = bytes_.find(before);
        EXPECT_NE(found, std::string::npos);
        return found + before.size();
    }

    template <class T>
    void set(std::size_t offset, T value) {
        std::memcpy(bytes_.data() + offset, &value, sizeof value);
    }

    /// Alters one field of the fingerprint.
    template <class T>
    void set(T streamhost::fingerprint::*field, T value) {
        streamhost::fingerprint built_with;
        std::memcpy(&built_with, bytes_.data() + descriptor(), sizeof built_with);
        built_with.*field = value;
        set(descriptor(), built_with);
    }

    std::filesystem::path write(const std::filesystem::path& path) const {
        std::ofstream(path, std::ios::binary) << bytes_;
        return path;
    }

private:
    std::string bytes_;
};
