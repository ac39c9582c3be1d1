#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost::test {

/// How long a test waits for something that must come: far longer than it takes, also on a machine that is busy with
/// other builds and under a sanitizer.
constexpr std::chrono::milliseconds usual_limit = std::chrono::seconds(30);

/// The folder into which the programs of one test write, and the way to wait for what they write. It goes with the test;
/// where the test failed it stays, and its path is printed. One thread.
class scratch_folder {
public:
    scratch_folder();
    ~scratch_folder();
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

    /// A folder in it, whose files are waited for too.
    std::filesystem::path make_folder(std::string_view name);

    std::filesystem::path write(std::string_view name, std::string_view content) const;

    /// Looks at `condition` at once, each time that a file of the folder has changed or `ended` has become readable (a
    /// pidfd; -1: none), and now and then, for what no file tells. False when it did not hold within `limit`.
    bool wait(const std::function<bool()>& condition, std::chrono::milliseconds limit = usual_limit, int ended = -1) const;

private:
    void watch(const std::filesystem::path& folder) const;

    std::filesystem::path path_;
    int changes_;
};

/// Empty where there is no such file.
std::string read_file(const std::filesystem::path& file);

/// The complete lines; what a program is still writing is left out.
std::vector<std::string> read_lines(const std::filesystem::path& file);

}  // namespace streamhost::test
